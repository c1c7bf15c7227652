/*
 * cix-load report, flag, echo: closed loop (a call is begun when one has been answered) or open
 * loop (calls begin at their time whatever happens; latency counts from the intended start).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "load.h"
#include "support/person.h"

enum { BUCKETS_A_DOUBLING = 32, OPEN_OUTSTANDING_MAX = 4096 };

struct ask {
    const struct load *load;
    enum cix_method method;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    struct histogram histogram;
    int64_t failed;
    int64_t answered;
    int outstanding;
    int64_t end_us;
    bool is_shown;
    unsigned seed;
};

struct slot {
    struct ask *ask;
    int64_t begun_us;
};

void histogram_add(struct histogram *histogram, int64_t us)
{
    int doubling = 0;
    int64_t value = us < 1 ? 1 : us;
    int bucket;

    while (value >> doubling >= 2 * BUCKETS_A_DOUBLING)
        doubling++;
    bucket = doubling * BUCKETS_A_DOUBLING + (int)(value >> doubling);
    histogram->counts[bucket < 1023 ? bucket : 1023]++;
    histogram->total++;
}

int64_t histogram_at(const struct histogram *histogram, double share)
{
    int64_t wanted = (int64_t)((double)histogram->total * share);
    int64_t seen = 0;

    for (int bucket = 0; bucket < 1024; bucket++) {
        int doubling = bucket < 2 * BUCKETS_A_DOUBLING ? 0 : bucket / BUCKETS_A_DOUBLING - 1;
        seen += histogram->counts[bucket];
        if (seen > wanted)
            return (int64_t)(bucket - doubling * BUCKETS_A_DOUBLING) << doubling;
    }
    return 0;
}

static void begin(struct slot *slot);

static void show_failure(struct ask *ask, const struct cix_answer *answer)
{
    struct cix_error error;

    if (ask->is_shown)
        return;
    ask->is_shown = true;
    cix_answer_error(answer, &error);
    fprintf(stderr, "cix-load: %s (%s, status %d)\n", error.message, error.reason, error.status);
}

static void answered(void *user, const struct cix_answer *answer)
{
    struct slot *slot = user;
    struct ask *ask = slot->ask;
    int64_t now_us = clock_monotonic_us();
    bool is_over;

    pthread_mutex_lock(&ask->mutex);
    histogram_add(&ask->histogram, now_us - slot->begun_us);
    ask->answered++;
    if (answer->status != CIX_OK) {
        ask->failed++;
        show_failure(ask, answer);
    }
    is_over = ask->load->rate || now_us >= ask->end_us;
    if (is_over && !--ask->outstanding)
        pthread_cond_signal(&ask->done);
    pthread_mutex_unlock(&ask->mutex);
    if (is_over) {
        free(slot);
    } else {
        slot->begun_us = now_us;
        begin(slot);
    }
}

static void begin_report(struct slot *slot, const struct person *person)
{
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;

    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = (char *)person->number;
    inquiry.identifier = &identifier;
    inquiry.name = (char *)person->name;
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    inquiry.operator_id = "bench";
    request.inquiry = &inquiry;
    cix_call_begin(slot->ask->load->client, CIX_GET_REPORT, &request, 0, answered, slot);
}

static void begin_flag(struct slot *slot, const struct person *person)
{
    Cix__V1__CheckFlagRequest request = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    Cix__V1__FlagInquiry inquiry = CIX__V1__FLAG_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;

    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = (char *)person->number;
    inquiry.identifier = &identifier;
    inquiry.name = (char *)person->name;
    inquiry.operator_id = "bench";
    request.inquiry = &inquiry;
    cix_call_begin(slot->ask->load->client, CIX_CHECK_FLAG, &request, 0, answered, slot);
}

static void begin_echo(struct slot *slot)
{
    Cix__V1__GetMemberRequest request = CIX__V1__GET_MEMBER_REQUEST__INIT;

    cix_call_begin(slot->ask->load->client, CIX_GET_MEMBER, &request, 0, answered, slot);
}

/* A number of the next person; minimal standard generator, one stream for the run. */
static int64_t next_person(struct ask *ask)
{
    unsigned high;
    unsigned low;

    pthread_mutex_lock(&ask->mutex);
    ask->seed = (unsigned)((uint64_t)ask->seed * 48271u % 2147483647u);
    high = ask->seed;
    ask->seed = (unsigned)((uint64_t)ask->seed * 48271u % 2147483647u);
    low = ask->seed;
    pthread_mutex_unlock(&ask->mutex);
    return (int64_t)(((uint64_t)high << 20 ^ low) % (uint64_t)ask->load->subjects);
}

static void begin(struct slot *slot)
{
    struct ask *ask = slot->ask;
    struct person person;

    if (ask->method == CIX_GET_MEMBER) {
        begin_echo(slot);
        return;
    }
    person_make(next_person(ask), &person);
    if (ask->method == CIX_GET_REPORT)
        begin_report(slot, &person);
    else
        begin_flag(slot, &person);
}

static struct slot *slot_new(struct ask *ask, int64_t begun_us)
{
    struct slot *slot = calloc(1, sizeof(*slot));

    CHECK(slot);
    *slot = (struct slot){ask, begun_us};
    pthread_mutex_lock(&ask->mutex);
    ask->outstanding++;
    pthread_mutex_unlock(&ask->mutex);
    return slot;
}

/* One call every 1/rate seconds, however long the others take. */
static void run_open(struct ask *ask, int64_t started_us)
{
    const struct load *load = ask->load;
    int64_t due_us = started_us;

    for (int64_t i = 0; due_us < ask->end_us; i++) {
        int64_t now_us = clock_monotonic_us();
        if (due_us > now_us)
            usleep((useconds_t)(due_us - now_us));
        if (ask->outstanding < OPEN_OUTSTANDING_MAX)
            begin(slot_new(ask, due_us));
        else
            ask->failed++; /* it would have waited behind more than the exchange takes */
        due_us = started_us + i * 1000000 / load->rate;
    }
}

static void run_closed(struct ask *ask, int64_t started_us)
{
    for (int i = 0; i < ask->load->outstanding; i++)
        begin(slot_new(ask, started_us));
}

int load_ask(const struct load *load)
{
    struct ask ask = {.load = load, .seed = load->seed ? load->seed : 1};
    int64_t started_us = clock_monotonic_us();
    double seconds;

    ask.method = !strcmp(load->mode, "report") ? CIX_GET_REPORT
                 : !strcmp(load->mode, "flag") ? CIX_CHECK_FLAG
                                               : CIX_GET_MEMBER;
    pthread_mutex_init(&ask.mutex, NULL);
    pthread_cond_init(&ask.done, NULL);
    ask.end_us = started_us + (int64_t)(load->seconds * 1e6);
    if (load->rate)
        run_open(&ask, started_us);
    else
        run_closed(&ask, started_us);
    pthread_mutex_lock(&ask.mutex);
    while (ask.outstanding)
        pthread_cond_wait(&ask.done, &ask.mutex);
    pthread_mutex_unlock(&ask.mutex);
    seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    printf("%s outstanding=%d open_rate=%d rate=%.0f p50_us=%lld p99_us=%lld failed=%lld\n",
           load->mode, load->rate ? 0 : load->outstanding, load->rate,
           (double)ask.answered / seconds, (long long)histogram_at(&ask.histogram, 0.5),
           (long long)histogram_at(&ask.histogram, 0.99), (long long)ask.failed);
    return ask.failed ? 1 : 0;
}
