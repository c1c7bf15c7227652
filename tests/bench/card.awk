# Months of card accounts (ID,MONTHS_BALANCE,STATUS; a heading) as three files of records in the folder `dir`:
# subjects.csv, accounts.csv, performance.csv. The status letters are those of the Kaggle set "Credit Card
# Approval Prediction" (0: 1 to 29 days late ... 5: 150 days and more; C paid off; X nothing due); persons are
# made, their resident numbers begin with a region code that was never assigned. Options: -v prefix=TEXT of
# account numbers, -v most=N months at most, -v newest=YYYYMM the month 0 stands for.
function check_digit(digits,   sum, i) {
    sum = 0
    for (i = 1; i <= 17; i++) sum += substr(digits, i, 1) * substr("07091005080402010603070910050804020", 2 * i - 1, 2)
    return substr("10X98765432", sum % 11 + 1, 1)
}
function person(n,   digits) { # the n-th: born 1950 to 1999
    digits = sprintf("9900%02d%04d%02d%02d%03d", 10 + int(n / 600000) % 90, 1950 + n % 50, 1 + int(n / 50) % 12,
                     1 + int(n / 600) % 28, int(n / 16800) % 1000)
    return digits check_digit(digits)
}
function month_of(back,   months) { # YYYYMM so many months before the newest
    months = int(newest / 100) * 12 + newest % 100 - 1 - back
    return int(months / 12) * 100 + months % 12 + 1
}
function close_account(   i, opened) {
    if (count == 0) return
    people++
    opened = month_of(-oldest)
    printf "PERSON,Card Holder %s,RESIDENT_ID,%s\n", letters(people), person(people) > (dir "/subjects.csv")
    printf "%s%d,RESIDENT_ID,%s,R2,81,CNY,1000000,%d01\n", prefix, people, person(people), opened > (dir "/accounts.csv")
    for (i = oldest; i <= 0; i++)
        if (i in status) put_month(month_of(-i), status[i])
    count = 0
    delete status
}
function letters(n,   text) { # names must not be digits
    for (text = ""; n > 0; n = int(n / 26)) text = sprintf("%c", 97 + n % 26) text
    return text
}
function put_month(period, letter,   days, repay, late, reported) {
    reported = (period % 100 == 12 ? period + 89 : period + 1) "05"
    if (letter == "X") {
        printf "%s%d,%d,1,*,0,0,0,0,0,1,%s\n", prefix, people, period, reported > (dir "/performance.csv")
    } else if (letter == "C") {
        printf "%s%d,%d,1,N,20000,20000,20000,0,0,1,%s\n", prefix, people, period, reported > (dir "/performance.csv")
    } else {
        days = 15 + 30 * letter
        late = 10000 * (letter + 1)
        repay = letter + 1
        printf "%s%d,%d,1,%d,%d,%d,0,%d,%d,%d,%s\n", prefix, people, period, repay, 500000, late, late, days,
               (days > 90 ? 3 : 2), reported > (dir "/performance.csv")
    }
}
BEGIN {
    FS = ","
    if (!newest) newest = 202610
    print "kind,name,identifiers_1_type,identifiers_1_value" > (dir "/subjects.csv")
    print "account_no,identifier_type,identifier_value,type,business_type,currency,credit_limit,opened_on" > (dir "/accounts.csv")
    print "account_no,period,account_status,repay_status,balance,due_amount,paid_amount,overdue_amount,days_overdue,five_category,reported_on" > (dir "/performance.csv")
}
NR == 1 { next }
most && months >= most && $1 != id { full = 1 }
full { next }
$1 != id { close_account(); id = $1; oldest = 0 }
{ status[$2] = $3; count++; months++; if ($2 < oldest) oldest = $2 }
END { close_account() }
