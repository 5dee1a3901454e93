#include "harness/search/sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend_sim/net/choice.h"
#include "harness/play/run.h"
#include "harness/search/parallel.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum { RUN_TIMEOUT_S = 300 }; /* for one run */

/* One run and its result, in memory that the processes share, so that the places of its faults are
 * known even if it dies. */
struct outcome {
    struct rota_injector injector;
    bool ended;
    bool broken;
    uint32_t kind;
    char reason[ROTA_SWEEP_REASON];
};

/* The state of one sweep. */
struct sweep_run {
    const struct rota_scenario *s;
    uint64_t seed;
    const struct rota_sweep_options *options;
    struct outcome *outcomes;
    uint64_t count;
    uint64_t max_runs; /* of each order; 0: no limit */
    uint32_t order;    /* of the steps of `permute` */
};

const char *rota_sweep_word(uint32_t kind)
{
    return kind == ROTA_SWEEP_DIED ? "died" : rota_invariant_word((enum rota_invariant)kind);
}

void rota_sweep_replay(const struct rota_sweep_breach *b, const struct rota_scenario *s,
                       uint64_t seed, char *text, size_t size)
{
    char place[ROTA_PLACE_TEXT];
    size_t length = (size_t)snprintf(text, size, "rota sim run %s", s->file);

    if (seed != s->seed && length < size)
        length += (size_t)snprintf(text + length, size - length, " --seed %" PRIu64, seed);
    if (b->order > 0 && length < size)
        length += (size_t)snprintf(text + length, size - length, " --order %u", b->order + 1);
    for (uint32_t i = 0; i < b->place_count && length < size; i++) {
        rota_place_format(&b->places[i], &s->cluster, place);
        length += (size_t)snprintf(text + length, size - length, " --inject %s", place);
    }
}

/* ---- one run ---- */

/* Keeps the first line of a report, from the reason on. */
static void take_reason(struct outcome *o, const char *report)
{
    static const char mark[] = " broken: ";
    const char *end = report + strcspn(report, "\n");
    const char *from = strstr(report, mark);

    from = from == NULL || from > end ? report : from + strlen(mark);
    snprintf(o->reason, sizeof o->reason, "%.*s", (int)(end - from), from);
}

static void run_job(void *context, uint64_t job)
{
    struct sweep_run *f = context;
    struct outcome *o = &f->outcomes[job];
    struct rota_play_options play = {.seed = f->seed, .order = f->order, .injector = &o->injector};
    struct rota_finding finding;

    rota_scenario_play(f->s, &play, &finding);
    if (finding.verdict != ROTA_VERDICT_HELD) {
        o->broken = true;
        o->kind = finding.invariant;
        take_reason(o, finding.report);
    }
    rota_finding_close(&finding);
    o->ended = true;
}

static void died(void *context, uint64_t job, int signal)
{
    struct sweep_run *f = context;
    struct outcome *o = &f->outcomes[job];

    o->ended = true;
    o->broken = true;
    o->kind = ROTA_SWEEP_DIED;
    if (signal == 0)
        snprintf(o->reason, sizeof o->reason, "a process computes without end in one of its steps");
    else
        snprintf(o->reason, sizeof o->reason, "the program was ended by signal %d (%s)", signal,
                 strsignal(signal));
}

static void progress(void *context, uint64_t done, uint64_t count)
{
    struct sweep_run *f = context;

    f->options->progress(f->options->context, f->s, done, count);
}

static bool stopped(void *context)
{
    struct sweep_run *f = context;

    return f->options->stopped(f->options->context);
}

/* ---- which runs ---- */

/* The i-th of `max` numbers below `count`, which are different and spread evenly. */
static uint64_t pick(const struct sweep_run *f, uint64_t i, uint64_t max, uint64_t count)
{
    double width, within;

    if (max >= count)
        return i;
    width = (double)count / (double)max;
    within = (double)(rota_mix(f->options->seed + i) >> 11) / (double)(UINT64_C(1) << 53);
    return (uint64_t)((double)i * width) +
           (uint64_t)(within * (double)((uint64_t)((double)(i + 1) * width) -
                                        (uint64_t)((double)i * width)));
}

static uint64_t bound(const struct sweep_run *f, uint64_t count)
{
    return f->max_runs == 0 || count < f->max_runs ? count : f->max_runs;
}

/* How many runs each order may have. */
static uint64_t share(const struct sweep_run *f, uint32_t orders)
{
    uint64_t max = f->options->max;

    for (uint32_t i = 0; i < f->s->label_count && max == 0; i++)
        if (strcmp(f->s->labels[i], "scale") == 0)
            max = ROTA_SWEEP_SCALE_MAX;
    return (max + orders - 1) / orders;
}

/* Does all runs and fills their outcomes, unless it is stopped. */
static void carry_out(struct rota_sweep *sweep, struct sweep_run *f)
{
    struct rota_parallel parallel = {.processes = f->options->processes,
                                     .timeout_s = RUN_TIMEOUT_S,
                                     .run = run_job,
                                     .died = died,
                                     .progress = f->options->progress == NULL ? NULL : progress,
                                     .stopped = f->options->stopped == NULL ? NULL : stopped,
                                     .context = f};

    sweep->stopped = !rota_parallel_run(&parallel, f->count);
}

/* Prepares runs with this many faults. */
static void make(struct sweep_run *f, uint64_t count, uint32_t depth)
{
    f->count = count;
    f->outcomes = rota_parallel_share(count * sizeof *f->outcomes);
    for (uint64_t i = 0; i < count; i++) {
        f->outcomes[i].injector.kinds = f->options->kinds;
        memcpy(f->outcomes[i].injector.excluded, f->options->excluded, sizeof f->options->excluded);
        f->outcomes[i].injector.number_count = depth;
    }
}

static void drop(struct sweep_run *f)
{
    rota_parallel_unshare(f->outcomes, f->count * sizeof *f->outcomes);
}

static void add_breach(struct rota_sweep *sweep, const struct sweep_run *f, const struct outcome *o)
{
    struct rota_sweep_breach *b = &sweep->breaches[sweep->breach_count++];

    b->kind = o->kind;
    b->order = f->order;
    b->place_count = o->injector.fired_count;
    memcpy(b->places, o->injector.fired, sizeof b->places);
    memcpy(b->reason, o->reason, sizeof b->reason);
    sweep->kinds[b->kind]++;
}

static void add_breaches(struct rota_sweep *sweep, const struct sweep_run *f)
{
    uint64_t count = sweep->breach_count;

    for (uint64_t i = 0; i < f->count; i++)
        count += f->outcomes[i].ended && f->outcomes[i].broken;
    if (count == sweep->breach_count)
        return;
    sweep->breaches = rota_memory_grow(sweep->breaches, count * sizeof *sweep->breaches);
    for (uint64_t i = 0; i < f->count; i++)
        if (f->outcomes[i].ended && f->outcomes[i].broken)
            add_breach(sweep, f, &f->outcomes[i]);
}

static uint64_t ended(const struct sweep_run *f)
{
    uint64_t count = 0;

    for (uint64_t i = 0; i < f->count; i++)
        count += f->outcomes[i].ended;
    return count;
}

/* Places that came in a run after its last fault. */
static uint64_t places_of(const struct sweep_run *f, uint64_t i)
{
    return f->outcomes[i].injector.seen;
}

/* The run without a fault. Returns how many places it has. */
static uint64_t count_places(struct rota_sweep *sweep, struct sweep_run *f)
{
    uint64_t places;

    make(f, 1, 0);
    carry_out(sweep, f);
    add_breaches(sweep, f);
    places = sweep->stopped ? 0 : places_of(f, 0);
    drop(f);
    return places;
}

/* One fault in each run. The outcomes stay for the pairs. */
static void run_single(struct rota_sweep *sweep, struct sweep_run *f, uint64_t places)
{
    make(f, bound(f, places), 1);
    for (uint64_t i = 0; i < f->count; i++)
        f->outcomes[i].injector.numbers[0] = pick(f, i, f->count, places) + 1;
    carry_out(sweep, f);
    add_breaches(sweep, f);
    sweep->possible += places;
    sweep->runs += ended(f);
}

/* Two faults in each run: after each first fault, every place that comes then. */
static void run_pairs(struct rota_sweep *sweep, const struct sweep_run *f)
{
    struct sweep_run pairs = *f;
    uint64_t first = 0, before = 0, all = 0;

    for (uint64_t i = 0; i < f->count; i++)
        all += places_of(f, i);
    make(&pairs, bound(f, all), 2);
    for (uint64_t i = 0; i < pairs.count; i++) {
        struct rota_injector *injector = &pairs.outcomes[i].injector;
        uint64_t number = pick(f, i, pairs.count, all);

        while (number - before >= places_of(f, first))
            before += places_of(f, first++);
        injector->numbers[0] = f->outcomes[first].injector.numbers[0];
        injector->numbers[1] = number - before + 1;
    }
    carry_out(sweep, &pairs);
    add_breaches(sweep, &pairs);
    sweep->possible += all;
    sweep->runs += ended(&pairs);
    drop(&pairs);
}

/* Sweeps one order of the steps. */
static void run_order(struct rota_sweep *sweep, struct sweep_run *f)
{
    uint64_t places = count_places(sweep, f);

    sweep->places += places;
    if (f->options->depth == 0 || sweep->stopped)
        return;
    run_single(sweep, f, places);
    if (f->options->depth > 1 && !sweep->stopped)
        run_pairs(sweep, f);
    drop(f);
}

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

void rota_sweep_run(struct rota_sweep *sweep, const struct rota_scenario *s, uint64_t seed,
                    const struct rota_sweep_options *options)
{
    struct sweep_run f = {.s = s, .seed = seed, .options = options};
    uint32_t orders = s->orders < ROTA_SWEEP_ORDERS ? s->orders : ROTA_SWEEP_ORDERS;
    struct timespec begin;

    rota_assert(options->depth <= 2);
    memset(sweep, 0, sizeof *sweep);
    if (rota_scenario_is_zk_only(s))
        return;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    f.max_runs = share(&f, orders);
    for (uint32_t i = 0; i < orders && !sweep->stopped; i++) {
        f.order = (uint32_t)((uint64_t)i * s->orders / orders);
        run_order(sweep, &f);
    }
    sweep->seconds = seconds_since(&begin);
}

void rota_sweep_close(struct rota_sweep *sweep)
{
    free(sweep->breaches);
    sweep->breaches = NULL;
}
