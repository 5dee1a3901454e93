#include "harness/play/sim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend_sim/net/choice.h"
#include "harness/language/parse_scenario.h"
#include "harness/play/trace_rewrite.h"
#include "system/memory.h"

/* Reads the places where faults are injected. */
static bool read_places(const struct rota_scenario *s, const struct rota_sim_options *options,
                        struct rota_injector *injector, FILE *err)
{
    for (uint32_t i = 0; i < options->inject_count; i++) {
        const char *wrong = i == ROTA_PLACES_MAX
                                ? "there are more faults than one run can have"
                                : rota_place_read(options->injects[i], &s->cluster,
                                                  &injector->places[injector->place_count]);

        if (wrong != NULL) {
            fprintf(err, "--inject %s: %s\n", options->injects[i], wrong);
            return false;
        }
        injector->kinds |= 1u << injector->places[injector->place_count++].fault;
    }
    return true;
}

/* A fault whose place did not come has tested nothing. */
static void check_injected(const struct rota_scenario *s, const struct rota_injector *injector,
                           struct rota_finding *finding, FILE *err)
{
    if (finding->verdict != ROTA_VERDICT_HELD || injector->fired_count >= injector->place_count)
        return;
    fprintf(err, "%s: only %u of %u injected faults met their place\n", s->file,
            injector->fired_count, injector->place_count);
    finding->verdict = ROTA_VERDICT_FAILED;
}

/* Runs the scenario once more. The same seed must give the same trace, or no result counts. */
static void repeat(const struct rota_scenario *s, const struct rota_play_options *play,
                   struct rota_finding *finding, FILE *err)
{
    struct rota_play_options again = *play;
    struct rota_finding second;

    again.trace = NULL;
    rota_scenario_play(s, &again, &second);
    if (second.hash != finding->hash || second.verdict != finding->verdict) {
        fprintf(err,
                "%s: not deterministic: the traces of two runs differ, %016" PRIx64
                " and %016" PRIx64 "\n",
                s->file, finding->hash, second.hash);
        finding->verdict = ROTA_VERDICT_UNREPEATABLE;
    }
    rota_finding_close(&second);
}

/* ---- one file ---- */

/* Adds a run to the result of the file. */
static void add_run(struct rota_sim_result *result, const struct rota_finding *finding)
{
    result->verdict = finding->verdict;
    result->time += finding->time;
    result->events += finding->events;
    result->hash = result->runs == 0 ? finding->hash : rota_mix(result->hash) ^ finding->hash;
    result->runs++;
}

static void run_order(const struct rota_scenario *s, const struct rota_sim_options *options,
                      struct rota_play_options *play, struct rota_sim_result *result, FILE *err)
{
    struct rota_finding finding;

    if (s->orders > 1 && play->trace != NULL)
        fprintf(play->trace, "order %u of %u\n", play->order + 1, s->orders);
    rota_scenario_play(s, play, &finding);
    if (finding.report != NULL)
        fputs(finding.report, err);
    repeat(s, play, &finding, err);
    if (play->injector != NULL)
        check_injected(s, play->injector, &finding, err);
    if (options->rewrite && play->order == 0 && finding.verdict == ROTA_VERDICT_HELD &&
        !rota_trace_rewrite(s, &finding, err))
        finding.verdict = ROTA_VERDICT_WRONG;
    add_run(result, &finding);
    rota_finding_close(&finding);
}

/* Runs all requested orders, up to the first one that fails. */
static void run_scenario(const struct rota_scenario *s, const struct rota_sim_options *options,
                         FILE *trace, struct rota_sim_result *result, FILE *err)
{
    struct rota_injector injector = {0};
    struct rota_play_options play = {
        .seed = result->seed, .trace = trace, .lenient = options->rewrite};
    uint32_t first = options->order == 0 ? 0 : options->order - 1;
    uint32_t end = options->order == 0 ? s->orders : options->order;

    if (!read_places(s, options, &injector, err)) {
        result->verdict = ROTA_VERDICT_WRONG;
        return;
    }
    if (end > s->orders) {
        fprintf(err, "--order %u: the steps of %s have only %u orders\n", options->order, s->file,
                s->orders);
        result->verdict = ROTA_VERDICT_WRONG;
        return;
    }
    play.injector = injector.place_count > 0 ? &injector : NULL;
    for (play.order = first; play.order < end && result->verdict == ROTA_VERDICT_HELD; play.order++)
        run_order(s, options, &play, result, err);
}

void rota_sim_print(const struct rota_sim_result *r, FILE *out)
{
    if (r->title == NULL)
        return;
    fprintf(out, "%-6s %s \"%s\": ", r->verdict == ROTA_VERDICT_HELD ? "ok" : "FAILED", r->file,
            r->title);
    if (r->runs > 1)
        fprintf(out, "%u orders, ", r->runs);
    fprintf(out, "%" PRId64 ".%03ds, %" PRIu64 " events, trace %016" PRIx64 "\n", r->time / 1000000,
            (int)(r->time % 1000000 / 1000), r->events, r->hash);
    fflush(out);
}

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run_file(const char *file, const struct rota_sim_options *options, FILE *trace,
                    FILE *out, FILE *err)
{
    struct rota_sim_result result = {.file = file, .verdict = ROTA_VERDICT_WRONG};
    struct rota_scenario_error error;
    struct rota_scenario s;
    double began = now_seconds();
    char *report = NULL;
    size_t length;
    FILE *to = open_memstream(&report, &length);
    bool is_read = rota_scenario_load(&s, file, &error);

    if (to == NULL)
        rota_memory_exhausted();
    if (is_read) {
        result.verdict = ROTA_VERDICT_HELD;
        result.title = s.title;
        result.seed = options->has_seed ? options->seed : s.seed;
        run_scenario(&s, options, trace, &result, to);
    } else {
        fprintf(to, "%s\n", error.text);
    }
    fclose(to);
    result.seconds = now_seconds() - began;
    result.report = report;
    fputs(report, err);
    fflush(err); /* before the line on the other stream */
    if (options->tell != NULL)
        options->tell(options->context, &result);
    else
        rota_sim_print(&result, out);
    if (is_read)
        rota_scenario_close(&s);
    free(report);
    return (int)result.verdict;
}

/* ---- all files ---- */

int rota_sim_check(const struct rota_sim_options *options)
{
    FILE *out = options->out == NULL ? stdout : options->out;
    FILE *err = options->err == NULL ? stderr : options->err;
    int status = ROTA_VERDICT_HELD;

    for (uint32_t i = 0; i < options->file_count; i++) {
        struct rota_scenario_error error;
        struct rota_scenario s;

        if (!rota_scenario_load(&s, options->files[i], &error)) {
            fprintf(err, "%s\n", error.text);
            fflush(err);
            status = ROTA_VERDICT_WRONG;
            continue;
        }
        fprintf(out, "ok     %s \"%s\"\n", s.file, s.title);
        rota_scenario_close(&s);
    }
    return status;
}

int rota_sim_run(const struct rota_sim_options *options)
{
    FILE *out = options->out == NULL ? stdout : options->out;
    FILE *err = options->err == NULL ? stderr : options->err;
    FILE *trace = NULL;
    bool own = false;
    int status = ROTA_VERDICT_HELD;

    if (options->trace_file != NULL && strcmp(options->trace_file, "-") == 0) {
        trace = out;
    } else if (options->trace_file != NULL) {
        own = true;
        trace = fopen(options->trace_file, "w");
        if (trace == NULL) {
            fprintf(err, "%s: this file cannot be written: %s\n", options->trace_file,
                    strerror(errno));
            return ROTA_VERDICT_WRONG;
        }
    }
    for (uint32_t i = 0; i < options->file_count; i++)
        status = rota_verdict_worse(status, run_file(options->files[i], options, trace, out, err));
    if (own && fclose(trace) != 0) {
        fprintf(err, "%s: the trace is not complete: %s\n", options->trace_file, strerror(errno));
        status = rota_verdict_worse(status, ROTA_VERDICT_WRONG);
    }
    return status;
}
