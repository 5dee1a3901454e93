#include "harness/sim.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "harness/run.h"

int rota_sim_worse(int a, int b)
{
    static const int rank[] = {[ROTA_VERDICT_HELD] = 0,
                               [ROTA_VERDICT_FAILED] = 1,
                               [ROTA_VERDICT_NO_PROGRESS] = 2,
                               [ROTA_VERDICT_UNREPEATABLE] = 3,
                               [ROTA_VERDICT_WRONG] = 4};

    return rank[a] >= rank[b] ? a : b;
}

/* Runs it once, as it stands or with the faults that are injected. */
static void run_once(const struct rota_scenario *s, uint64_t seed, struct rota_injector *injector,
                     FILE *trace, struct rota_finding *finding)
{
    if (injector->place_count == 0)
        rota_scenario_run(s, seed, trace, finding);
    else
        rota_scenario_search(s, seed, trace, injector, finding);
}

/* Reads the places where faults are injected. */
static bool read_places(const struct rota_scenario *s, const struct rota_sim_options *options,
                        struct rota_injector *injector, FILE *err)
{
    for (uint32_t i = 0; i < options->inject_count; i++) {
        const char *wrong = i == ROTA_PLACES_MOST
                                ? "too many faults in one run"
                                : rota_place_read(options->injects[i], &s->cluster,
                                                  &injector->places[injector->place_count]);

        if (wrong != NULL) {
            fprintf(err, "--inject %s: %s\n", options->injects[i], wrong);
            return false;
        }
        injector->kinds |= 1u << injector->places[injector->place_count++].injury;
    }
    return true;
}

/* A fault at a place where the run never came tested nothing. */
static void check_injected(const struct rota_scenario *s, const struct rota_injector *injector,
                           struct rota_finding *finding, FILE *err)
{
    if (finding->verdict != ROTA_VERDICT_HELD || injector->fired_count >= injector->place_count)
        return;
    fprintf(err, "%s: %u of the injected faults found their place, of %u\n", s->file,
            injector->fired_count, injector->place_count);
    finding->verdict = ROTA_VERDICT_FAILED;
}

/* Runs the scenario once more: the same seed gives the same trace, or nothing found here counts. */
static void repeat(const struct rota_scenario *s, uint64_t seed, struct rota_injector *injector,
                   struct rota_finding *finding, FILE *err)
{
    struct rota_finding second;

    run_once(s, seed, injector, NULL, &second);
    if (second.hash != finding->hash || second.verdict != finding->verdict) {
        fprintf(err,
                "%s: not deterministic: the traces of two runs differ, %016" PRIx64
                " and %016" PRIx64 "\n",
                s->file, finding->hash, second.hash);
        finding->verdict = ROTA_VERDICT_UNREPEATABLE;
    }
    rota_finding_close(&second);
}

static int run_file(const char *file, const struct rota_sim_options *options, FILE *trace,
                    FILE *out, FILE *err)
{
    struct rota_scenario_error error;
    struct rota_scenario s;
    struct rota_injector injector = {0};
    struct rota_finding finding;
    uint64_t seed;

    if (!rota_scenario_load(&s, file, &error)) {
        fprintf(err, "%s\n", error.text);
        return ROTA_VERDICT_WRONG;
    }
    seed = options->has_seed ? options->seed : s.seed;
    if (!read_places(&s, options, &injector, err)) {
        rota_scenario_close(&s);
        return ROTA_VERDICT_WRONG;
    }
    run_once(&s, seed, &injector, trace, &finding);
    if (finding.report != NULL)
        fputs(finding.report, err);
    repeat(&s, seed, &injector, &finding, err);
    check_injected(&s, &injector, &finding, err);
    fprintf(out, "%-6s %s \"%s\": %" PRId64 ".%03ds, %" PRIu64 " events, trace %016" PRIx64 "\n",
            finding.verdict == ROTA_VERDICT_HELD ? "ok" : "FAILED", file, s.title,
            finding.time / 1000000, (int)(finding.time % 1000000 / 1000), finding.events,
            finding.hash);
    fflush(out);
    rota_finding_close(&finding);
    rota_scenario_close(&s);
    return (int)finding.verdict;
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
        status = rota_sim_worse(status, run_file(options->files[i], options, trace, out, err));
    if (own && fclose(trace) != 0) {
        fprintf(err, "%s: the trace is not complete: %s\n", options->trace_file, strerror(errno));
        status = rota_sim_worse(status, ROTA_VERDICT_WRONG);
    }
    return status;
}
