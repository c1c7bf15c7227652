#include "command/command.h"

#include <stddef.h>

#include "command/commands.h"

static const char backup_help[] =
    "save the database in a folder, and the key ring apart from it\n"
    "\n"
    "Beside a running server or without one. The folder is new and holds one snapshot: the file\n"
    "database.dump and a manifest with rows and digest of every table, signed under the key ring.\n"
    "It has its name only when it is whole and was read again; until then it is FOLDER.partial,\n"
    "which the next run takes over. Nothing is ever overwritten.\n"
    "\n"
    "  --to FOLDER             where the database goes; its parent is there\n"
    "  --keys-to FILE          where the key ring goes, wrapped by a passphrase (scrypt, "
    "AES-256-GCM);\n"
    "                          keep it elsewhere, and the passphrase elsewhere again\n"
    "  --passphrase-file FILE  its first line is the passphrase, at least 12 bytes; mode 0600\n"
    "  --passphrase-fd N       the same from an open descriptor; without both the terminal is "
    "asked\n"
    "\n"
    "With --database the URI says an owner's login, as for cixd migrate. pg_dump and pg_restore "
    "of\n"
    "the server's version or a newer one are needed. Exit codes: 0 done, 1 failed and nothing was\n"
    "kept, 2 the command line is wrong.";

static const char restore_help[] =
    "bring a backup back, into an empty folder or database\n"
    "\n"
    "The backup is checked first: manifest, file, key ring. What was restored is compared with "
    "it,\n"
    "table by table, before it gets its place; broken off anywhere, it is run again. Nothing is\n"
    "ever overwritten.\n"
    "\n"
    "  --from FOLDER           what cixd backup made\n"
    "  --keys-from FILE        its wrapped key ring; without it the ring of the key folder is "
    "used\n"
    "  --check                 only look whether the backup is whole and the ring opens\n"
    "  --data DIR              the private database goes into this folder, the keys into DIR/keys\n"
    "  --database URI          or into this database, which holds no exchange; an owner's login\n"
    "  --passphrase-file FILE, --passphrase-fd N   as for cixd backup\n"
    "\n"
    "A backup of an older schema needs cixd migrate afterwards. Exit codes: 0 done, 1 failed and\n"
    "nothing was kept, 2 the command line is wrong.";

static const char purge_help[] =
    "delete what is over by law: five years after the end of an adverse item of a person\n"
    "\n"
    "Reports hide it from its day on; the server deletes it within purge_hours by itself. This is "
    "a\n"
    "pass at once, beside a running server or without one. Each deleted item leaves a tombstone: "
    "id,\n"
    "kind, reason and time. --dry-run deletes nothing and tells what a pass would.";

static const char fsck_help[] =
    "compare what is kept with what it was made from, and mend it\n"
    "\n"
    "Beside a running server or without one, in one read-only snapshot that blocks nobody:\n"
    "  accounts and roll-ups against the reported months, freezes against what ordered them;\n"
    "  every row that points at another; submissions against their chunks and verdicts;\n"
    "  audit rows against their hashes; and whether sealed values open with the key ring.\n"
    "What differs is printed by id, at most twenty rows of a kind, never with personal data.\n"
    "\n"
    "  --all      open every sealed value, not a sample of up to 2,000 a column\n"
    "  --repair   write accounts' state, roll-ups and freezes anew where they differ, in one\n"
    "             transaction with an audit row, and look again. Submissions wait meanwhile;\n"
    "             reports do not.\n"
    "             Nothing else is changed: what is not derived comes from a backup.\n"
    "\n"
    "With --database the URI says an owner's login, as for cixd migrate. Whole tables are read:\n"
    "see deploy/README.md for figures.\n"
    "Exit codes: 0 nothing is wrong (any more), 1 it could not look, 2 the command line is wrong,\n"
    "3 something is wrong.";

static const char member_add_help[] =
    "add a member, or change the one with this code\n"
    "\n"
    "Of a member that is changed, everything but its state (cixd member state) and quotas that\n"
    "are not given becomes what this line says.\n"
    "\n"
    "  --type TYPE      bank, village-bank, housing-savings, foreign-bank, finance-company,\n"
    "                   trust, leasing, auto-finance, consumer-finance, loan-company,\n"
    "                   asset-management, securities, insurance, micro-loan, housing-fund,\n"
    "                   guarantee, factoring, p2p, crowdfunding, payment, ecommerce-microloan,\n"
    "                   card-issuer: contributor and lender, basic,credit,dishonest,rating;\n"
    "                   credit-bureau: contributor on behalf of its own members; rating-agency,\n"
    "                   other: contributor; court, regulator, association\n"
    "  --roles LIST     contributor, lender, court, regulator, association; who is active gets\n"
    "                   contributor or court behind a result that shows it (member activate)\n"
    "  --classes LIST   what it may contribute and see: basic, credit, public, dishonest, fraud,\n"
    "                   behaviour, rating, fund\n"
    "  --purposes LIST  what for it may ask, by number (cix codes purpose)\n"
    "  --quota N        calls a second, at each server (default 1000; 0: no bound)\n"
    "  --daily N        calls a day (UTC+8), at all servers together (default: no bound)\n"
    "  --state STATE    of a new member: testing (default of one that contributes) or active; "
    "active\n"
    "                   is the operator's word that it needs not show its side (member activate)\n"
    "  --code14 CODE    financial institution code: a capital letter and 13 digits\n"
    "  --jumps WORD     records that M016 to M018 find: keep aside (default) or remark\n"
    "\n"
    "Lists have commas and no spaces; what is not given comes from the type.";

static const char member_set_help[] =
    "note which organisation a member is, where, and whose, and what it may see\n"
    "\n"
    "Public as its name is: members see it in cix member. What is not given stays; '' takes away.\n"
    "\n"
    "  --uscc CODE      unified social credit code\n"
    "  --region CODE    where it is registered: GB/T 2260 or ISO 3166-2\n"
    "  --parent CODE    the member that it belongs to\n"
    "  --code14 CODE    financial institution code: a capital letter and 13 digits\n"
    "  --responsible-person -\n"
    "                   who answers for it, by an identifier in the first line of standard input, "
    "as\n"
    "                   for cixd subject show: a regulator finds it when a court lists this "
    "person\n"
    "                   (RESPONSIBLE_LISTED). Only a keyed digest is kept, with an audit row "
    "(method\n"
    "                   210)\n"
    "  --reciprocity-consumer LEVEL, --reciprocity-commercial LEVEL\n"
    "                   what it sees of credit data of persons, and of organisations, for what it\n"
    "                   gives: none, default (accounts in default, public records, its own) or "
    "full\n"
    "  --reason REASON  for those: own-request, order, breach, security, licence, "
    "tested-elsewhere\n"
    "                   or other; kept with an audit row (method 211)";

static const char member_suspend_help[] =
    "end a member's calls within a second\n"
    "\n"
    "  --reason REASON  own-request, order, breach, security, licence, tested-elsewhere or other";

static const char member_state_help[] =
    "say what a member may do from now on, and why\n"
    "\n"
    "In force within a second, on open connections too. The member's records stay and are shown.\n"
    "\n"
    "  STATE            applied, examined: no calls yet; testing: on a test exchange only;\n"
    "                   restricted: it contributes and puts right, and asks nothing;\n"
    "                   suspended, withdrawn, revoked, absconded: no calls\n"
    "  --reason REASON  own-request, order, breach, security, licence, tested-elsewhere or other\n"
    "\n"
    "State and reason are kept with an audit row (method 207). cixd member activate lets it call\n"
    "again.";

static const char member_activate_help[] =
    "let a member call again, or for the first time by what it has shown\n"
    "\n"
    "Who contributes and never was active shows a result of cix conformance, or the operator says\n"
    "why not. Regulators, associations and members that only ask need neither; who asks already\n"
    "and is to contribute brings it before the role is given, in state testing or active.\n"
    "A result shows the roles that the member has on the test exchange, and no others.\n"
    "\n"
    "  --conformance FILE           the result that cix conformance --result wrote\n"
    "  --exchange-certificate FILE  certificates of the test exchange, from the exchange itself\n"
    "  --without-conformance REASON own-request, order, breach, security, licence,\n"
    "                               tested-elsewhere or other; kept with an audit row (method 207)";

static const char subject_show_help[] =
    "what is known of a subject's status, and who says so; by ids and codes, no names\n"
    "\n"
    "  SUBJECT  its id, as cixd subject conflicts and marks print it; or - for a first line of\n"
    "           standard input that holds the type of an identifier and its value, e.g.\n"
    "           \"PASSPORT E12345678\"; without a type it is a resident number. An identifier\n"
    "           never stands on a command line, where other users of the host may read it.\n"
    "\n"
    "Looking leaves an audit row (method 201).";

static const char subject_lift_help[] =
    "end a fraud alert, freeze, dispute or statement, whoever set it\n"
    "\n"
    "It is over from the next call on, and for good: the same id does not set it again.\n"
    "\n"
    "  SUBJECT MARK     as cixd subject marks prints them\n"
    "  --reason WORD    subject-request, order, member-left, fraud, error or other\n"
    "  --document FILE  what it rests on; its SHA-256 is kept, the file is not\n"
    "\n"
    "The reason and the digest are kept with an audit row (method 202). A member that set it\n"
    "without the subject can be suspended: cixd member suspend.";

static const char subject_status_help[] =
    "set right whether a subject is active, deceased, deregistered or revoked\n"
    "\n"
    "What members said before counts no more; what they say from now on does: a member that\n"
    "keeps saying what is false has to correct its record, or be suspended.\n"
    "\n"
    "  SUBJECT          an id or -, as for cixd subject show\n"
    "  STATUS           active, deceased, deregistered or revoked\n"
    "  --reason WORD    subject-request, order, member-left, fraud, error or other\n"
    "  --document FILE  what it rests on; its SHA-256 is kept, the file is not\n"
    "\n"
    "The reason and the digest are kept with an audit row (method 203).";

static const char subject_merge_help[] =
    "make a subject an alias of another that it was found to be\n"
    "\n"
    "SUBJECT and INTO are ids as `cixd subject conflicts` prints them. All that stands under "
    "SUBJECT\n"
    "moves to INTO, and its identifiers find INTO from then on, in reports and for contributions;\n"
    "`cixd subject split SUBJECT` takes it back exactly. Beside a running server: records and\n"
    "inquiries wait, at most three seconds until it begins, and while it moves the rows.\n"
    "Asked again it changes nothing; each call leaves an audit row\n"
    "(method 204).\n"
    "\n"
    "  --reason REASON  how it is known: document (an identity document shows both), register (of\n"
    "                   the state), member (confirms it), subject (asks for it), order (of a "
    "court\n"
    "                   or authority), other\n"
    "\n"
    "Refused: SUBJECT_UNKNOWN, SUBJECT_SELF, SUBJECT_KIND (a person is no enterprise), "
    "SUBJECT_CHAIN\n"
    "(one is merged already, or others are merged into SUBJECT), SUBJECT_TAKEN_BACK and "
    "SUBJECT_BUSY\n"
    "(try again).";

static const char subject_split_help[] =
    "take a merge back: what belongs to the alias stands under it again\n"
    "\n"
    "That is what moved with it, and what was contributed and asked through its identifiers "
    "since.\n"
    "Accounts, facts and disputes go with what they belong to, whoever's identifier came with a\n"
    "later record. Asked again it changes nothing; each call leaves an audit row\n"
    "(method 205).";

static const char subject_dismiss_help[] =
    "end an identity in doubt that is none\n"
    "\n"
    "CONFLICT is its number as `cixd subject conflicts` prints it. From then on it keeps nobody "
    "from\n"
    "being rated. A name that was far from those known (S016) is accepted for that identifier of\n"
    "that subject: its member may release the record, and whoever sends identifier and name again\n"
    "is not doubted. Two subjects that are one are merged, not dismissed. Asked again it changes\n"
    "nothing; each call leaves an audit row (method 208).\n"
    "\n"
    "  --reason REASON  how it is known: document, register, member, subject, order or other, as "
    "for\n"
    "                   cixd subject merge; or mistake: the name is not the subject's. Then the\n"
    "                   doubt ends, the record stays aside, and a name that was accepted before "
    "is\n"
    "                   not any more; what was taken meanwhile its member takes back.\n"
    "\n"
    "Refused: CONFLICT_UNKNOWN, CONFLICT_DECIDED (by a merge or split).";

static const char feed_accept_help[] =
    "accept that numbers of a court's feed will not come\n"
    "\n"
    "The court has said so: ask it first, since whoever they are about may be listed and is not\n"
    "found. They are no gap from the next check on; a listing that comes all the same is taken.\n"
    "\n"
    "  CODE FEED         as cixd feed list prints them\n"
    "  --reason WORD     unused (the court gave the numbers to nothing), elsewhere (the listings\n"
    "                    came by another feed), given-up (the feed ended) or other\n"
    "  --through NUMBER  only numbers up to this one; without it, all that are missing now\n"
    "\n"
    "What was accepted is kept with the reason and an audit row (method 209).";

const struct command commands[] = {
    {"serve", "serve members until SIGTERM", "[--data DIR | --database URI]", NULL, NULL},
    {"init", "make the folder, the keys and the private database", "--data DIR", NULL,
     command_init},
    {"migrate", "bring a database to this build's schema", "[--database URI]", NULL,
     command_migrate},
    {"backup", backup_help, "[--to FOLDER] [--keys-to FILE] [--passphrase-file FILE]", backup_flags,
     command_backup},
    {"restore", restore_help, "--from FOLDER [--keys-from FILE] [--check] [--data DIR]",
     restore_flags, command_restore},
    {"fsck", fsck_help, "[--all] [--repair] [--database URI]", fsck_flags, command_fsck},
    {"purge", purge_help, "[--dry-run]", purge_flags, command_purge},
    {"config", "print the settings in force, and where each comes from", "", NULL, command_config},
    {"exchange", "tell whether it is a test exchange; test: make it one, before any data", "[test]",
     NULL, command_exchange},
    {"member add", member_add_help,
     "CODE --name NAME --type TYPE [--roles LIST] [--classes LIST] [--purposes LIST] [--quota N] "
     "[--daily N] [--state testing|active] [--code14 CODE] [--jumps keep|remark]",
     member_add_flags, command_member_add},
    {"member cert add", "let a certificate speak for a member", "CODE --certificate FILE",
     member_certificate_flags, command_member_certificate_add},
    {"member cert revoke", "end a certificate within a second",
     "(--certificate FILE | --fingerprint HEX)", member_certificate_flags,
     command_member_certificate_revoke},
    {"member attest", "record what a member attests about its governance",
     "CODE KIND --document FILE [--until DAY]", member_attest_flags, command_member_attest},
    {"member limit", "record a limit of risk that a member set itself",
     "CODE KIND --value NUMBER [--until DAY]", member_limit_flags, command_member_limit},
    {"member set", member_set_help,
     "CODE [--uscc CODE] [--region CODE] [--parent CODE] [--code14 CODE] "
     "[--responsible-person -] [--reciprocity-consumer LEVEL] [--reciprocity-commercial LEVEL]",
     member_set_flags, command_member_set},
    {"member suspend", member_suspend_help, "CODE [--reason REASON]", member_state_flags,
     command_member_suspend},
    {"member state", member_state_help, "CODE STATE --reason REASON", member_state_flags,
     command_member_state},
    {"member activate", member_activate_help,
     "CODE [--conformance FILE --exchange-certificate FILE | --without-conformance REASON]",
     member_activate_flags, command_member_activate},
    {"member list", "members, their state, roles and certificates", "", NULL, command_member_list},
    {"subject conflicts", "identities in doubt, held for the operator: ids and distances, no names",
     "[--all]", subject_conflicts_flags, command_subject_conflicts},
    {"subject show", subject_show_help, "(SUBJECT | -)", NULL, command_subject_show},
    {"subject marks", "protections, disputes and statements in force: of one subject, or of all",
     "[SUBJECT | -] [--all]", subject_marks_flags, command_subject_marks},
    {"subject lift", subject_lift_help, "SUBJECT MARK --reason WORD --document FILE",
     subject_remedy_flags, command_subject_lift},
    {"subject status", subject_status_help, "(SUBJECT | -) STATUS --reason WORD --document FILE",
     subject_remedy_flags, command_subject_status},
    {"subject merge", subject_merge_help, "SUBJECT INTO --reason REASON", subject_merge_flags,
     command_subject_merge},
    {"subject split", subject_split_help, "SUBJECT", NULL, command_subject_split},
    {"subject dismiss", subject_dismiss_help, "CONFLICT --reason REASON", subject_merge_flags,
     command_subject_dismiss},
    {"subject aliases", "which subjects are merged, into whom, when and why; --all: split ones too",
     "[--all]", subject_aliases_flags, command_subject_aliases},
    {"feed list", "feeds of courts that lack numbered listings, how many, since when, and which",
     "[CODE]", NULL, command_feed_list},
    {"feed accept", feed_accept_help, "CODE FEED --reason WORD [--through NUMBER]",
     feed_accept_flags, command_feed_accept},
    {"standard load", "take in rating standards, to be published later", "FILE...", NULL,
     command_standard_load},
    {"standard publish", "put a loaded standard in force and retire the version before it",
     "NAME VERSION", NULL, command_standard_publish},
    {"standard retire", "take a standard out of force for good", "NAME VERSION --reason TEXT",
     standard_retire_flags, command_standard_retire},
    {"standard list", "rating standards, their state, days and digests", "", NULL,
     command_standard_list},
    {"key add", "make a sealing key that waits for key rotate, for several servers", "", NULL,
     command_key_add},
    {"key rotate", "make a new sealing key and seal everything anew; run again to go on", "", NULL,
     command_key_rotate},
    {"key list", "sealing keys and how many values each one seals", "", NULL, command_key_list},
    {"key retire", "put a sealing key away that no value needs", "ID", NULL, command_key_retire},
    {"completion", "print the completion script of a shell: bash or zsh", "SHELL", NULL,
     command_completion},
    {"man", "print a manual page as roff: cixd.8 or cixd.conf.5", "[PAGE]", NULL, command_man},
};

const int command_count = ARRAY_LENGTH(commands);
