#include "harness/search/sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend_sim/net/choice.h"
#include "harness/search/parallel.h"
#include "harness/play/run.h"
#include "model/base/assert.h"

enum { PATIENCE_S = 300 }; /* for one run */

/* One run and what it came to, in memory that the processes share: where its faults struck is known
 * when it dies, too. */
struct outcome {
    struct rota_injector injector;
    bool ended;
    bool broken;
    uint32_t way;
    char reason[ROTA_SWEEP_REASON];
};

/* One sweep under way. */
struct field {
    const struct rota_scenario *s;
    uint64_t seed;
    const struct rota_sweep_options *options;
    struct outcome *outcomes;
    uint64_t count;
    uint64_t most;  /* of each order; 0: as many as there are */
    uint32_t order; /* of the steps of `permute` */
};

const char *rota_sweep_word(uint32_t way)
{
    return way == ROTA_SWEEP_DIED ? "died" : rota_invariant_word((enum rota_invariant)way);
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

/* The first line of a report, without what stands before the reason itself. */
static void take_reason(struct outcome *o, const char *report)
{
    static const char mark[] = " broken: ";
    const char *end = report + strcspn(report, "\n");
    const char *from = strstr(report, mark);

    from = from == NULL || from > end ? report : from + strlen(mark);
    snprintf(o->reason, sizeof o->reason, "%.*s", (int)(end - from), from);
}

static void work(void *context, uint64_t job)
{
    struct field *f = context;
    struct outcome *o = &f->outcomes[job];
    struct rota_play_options course = {
        .seed = f->seed, .order = f->order, .injector = &o->injector};
    struct rota_finding finding;

    rota_scenario_play(f->s, &course, &finding);
    if (finding.verdict != ROTA_VERDICT_HELD) {
        o->broken = true;
        o->way = finding.invariant;
        take_reason(o, finding.report);
    }
    rota_finding_close(&finding);
    o->ended = true;
}

static void died(void *context, uint64_t job, int signal)
{
    struct field *f = context;
    struct outcome *o = &f->outcomes[job];

    o->ended = true;
    o->broken = true;
    o->way = ROTA_SWEEP_DIED;
    if (signal == 0)
        snprintf(o->reason, sizeof o->reason, "a process computes without end in one of its steps");
    else
        snprintf(o->reason, sizeof o->reason, "the program was ended by signal %d (%s)", signal,
                 strsignal(signal));
}

static void progress(void *context, uint64_t done, uint64_t count)
{
    struct field *f = context;

    f->options->progress(f->options->context, f->s, done, count);
}

static bool stopped(void *context)
{
    struct field *f = context;

    return f->options->stopped(f->options->context);
}

/* ---- which runs ---- */

/* A number below `count`, the i-th of `most` that are spread evenly and differ. */
static uint64_t pick(const struct field *f, uint64_t i, uint64_t most, uint64_t count)
{
    double width, within;

    if (most >= count)
        return i;
    width = (double)count / (double)most;
    within = (double)(rota_mix(f->options->seed + i) >> 11) / (double)(UINT64_C(1) << 53);
    return (uint64_t)((double)i * width) +
           (uint64_t)(within * (double)((uint64_t)((double)(i + 1) * width) -
                                        (uint64_t)((double)i * width)));
}

static uint64_t bound(const struct field *f, uint64_t count)
{
    return f->most == 0 || count < f->most ? count : f->most;
}

/* The runs of each order, of so many. */
static uint64_t share(const struct field *f, uint32_t orders)
{
    uint64_t most = f->options->most;

    for (uint32_t i = 0; i < f->s->label_count && most == 0; i++) {
        if (strcmp(f->s->labels[i], "scale") == 0)
            most = ROTA_SWEEP_SCALE_MOST;
    }
    return (most + orders - 1) / orders;
}

/* Has all outcomes of the field filled, unless it is stopped. */
static void carry_out(struct rota_sweep *sweep, struct field *f)
{
    struct rota_parallel crew = {.hands = f->options->hands,
                                 .patience_s = PATIENCE_S,
                                 .work = work,
                                 .died = died,
                                 .progress = f->options->progress == NULL ? NULL : progress,
                                 .stopped = f->options->stopped == NULL ? NULL : stopped,
                                 .context = f};

    sweep->stopped = !rota_parallel_run(&crew, f->count);
}

/* Prepares runs with this many faults. */
static void make(struct field *f, uint64_t count, uint32_t depth)
{
    f->count = count;
    f->outcomes = rota_parallel_share(count * sizeof *f->outcomes);
    for (uint64_t i = 0; i < count; i++) {
        f->outcomes[i].injector.kinds = f->options->kinds;
        memcpy(f->outcomes[i].injector.spared, f->options->spared, sizeof f->options->spared);
        f->outcomes[i].injector.number_count = depth;
    }
}

static void drop(struct field *f)
{
    rota_parallel_unshare(f->outcomes, f->count * sizeof *f->outcomes);
}

static void take_breach(struct rota_sweep *sweep, const struct field *f, const struct outcome *o)
{
    struct rota_sweep_breach *b = &sweep->breaches[sweep->breach_count++];

    b->way = o->way;
    b->order = f->order;
    b->place_count = o->injector.fired_count;
    memcpy(b->places, o->injector.fired, sizeof b->places);
    memcpy(b->reason, o->reason, sizeof b->reason);
    sweep->ways[b->way]++;
}

static void take_breaches(struct rota_sweep *sweep, const struct field *f)
{
    uint64_t count = sweep->breach_count;

    for (uint64_t i = 0; i < f->count; i++)
        count += f->outcomes[i].ended && f->outcomes[i].broken;
    if (count == sweep->breach_count)
        return;
    sweep->breaches = realloc(sweep->breaches, count * sizeof *sweep->breaches);
    rota_assert(sweep->breaches != NULL);
    for (uint64_t i = 0; i < f->count; i++) {
        if (f->outcomes[i].ended && f->outcomes[i].broken)
            take_breach(sweep, f, &f->outcomes[i]);
    }
}

static uint64_t ended(const struct field *f)
{
    uint64_t count = 0;

    for (uint64_t i = 0; i < f->count; i++)
        count += f->outcomes[i].ended;
    return count;
}

/* Places that came in a run behind its last fault. */
static uint64_t places_of(const struct field *f, uint64_t i)
{
    return f->outcomes[i].injector.seen;
}

/* The run without a fault: returns how many places it has. */
static uint64_t run_undisturbed(struct rota_sweep *sweep, struct field *f)
{
    uint64_t places;

    make(f, 1, 0);
    carry_out(sweep, f);
    take_breaches(sweep, f);
    places = sweep->stopped ? 0 : places_of(f, 0);
    drop(f);
    return places;
}

/* One fault in each run. The outcomes stay for the pairs. */
static void run_single(struct rota_sweep *sweep, struct field *f, uint64_t places)
{
    make(f, bound(f, places), 1);
    for (uint64_t i = 0; i < f->count; i++)
        f->outcomes[i].injector.numbers[0] = pick(f, i, f->count, places) + 1;
    carry_out(sweep, f);
    take_breaches(sweep, f);
    sweep->possible += places;
    sweep->runs += ended(f);
}

/* Two faults in each run: behind every first one every place that comes then. */
static void run_pairs(struct rota_sweep *sweep, const struct field *f)
{
    struct field pairs = *f;
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
    take_breaches(sweep, &pairs);
    sweep->possible += all;
    sweep->runs += ended(&pairs);
    drop(&pairs);
}

/* The sweep of one order of the steps. */
static void run_order(struct rota_sweep *sweep, struct field *f)
{
    uint64_t places = run_undisturbed(sweep, f);

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
    struct field f = {.s = s, .seed = seed, .options = options};
    uint32_t orders = s->orders < ROTA_SWEEP_ORDERS ? s->orders : ROTA_SWEEP_ORDERS;
    struct timespec begin;

    rota_assert(options->depth <= 2);
    memset(sweep, 0, sizeof *sweep);
    if (rota_scenario_is_zk_only(s))
        return;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    f.most = share(&f, orders);
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
