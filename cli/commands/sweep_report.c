#include "cli/commands/sweep_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/report.h"
#include "cli/base/screen.h"
#include "system/memory.h"

enum {
    SHOWN_MOST = 10, /* violations that are printed of a file, unless all are asked for */
    REPLAY_SIZE = 1024,
};

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash == NULL ? file : slash + 1;
}

/* ---- text ---- */

static void print_violations(const struct rota_sweep_report *r, const struct rota_scenario *s,
                             uint64_t seed, const struct rota_sweep *sweep)
{
    char replay[REPLAY_SIZE];

    for (uint64_t i = 0; i < sweep->breach_count && (r->config.all || i < SHOWN_MOST); i++) {
        const struct rota_sweep_breach *b = &sweep->breaches[i];

        rota_sweep_replay(b, s, seed, replay, sizeof replay);
        printf("%s: %s: %s\n  replay: %s --trace -\n", s->file, rota_sweep_word(b->kind), b->reason,
               replay);
    }
    if (!r->config.all && sweep->breach_count > SHOWN_MOST)
        printf("%s: %" PRIu64 " more violations; --all prints them\n", s->file,
               sweep->breach_count - SHOWN_MOST);
    if (sweep->stopped)
        printf("%s: the sweep was stopped before its end\n", s->file);
    else if (sweep->runs < sweep->possible)
        printf("%s: %" PRIu64 " of %" PRIu64 " possible runs, spread evenly by seed %" PRIu64 "\n",
               s->file, sweep->runs, sweep->possible, r->config.seed);
    fflush(stdout);
}

static void add_row(struct rota_table *table, const char *name, const struct rota_sweep *sweep)
{
    char places[24], runs[24], seconds[24], rate[24], violations[24];
    const char *cells[ROTA_TABLE_COLUMNS] = {name, places, runs, seconds, rate, violations};

    snprintf(places, sizeof places, "%" PRIu64, sweep->places);
    snprintf(runs, sizeof runs, "%" PRIu64, sweep->runs);
    snprintf(seconds, sizeof seconds, "%.1f", sweep->seconds);
    snprintf(rate, sizeof rate, "%.0f",
             sweep->seconds > 0 ? (double)sweep->runs / sweep->seconds : 0.0);
    snprintf(violations, sizeof violations, "%" PRIu64, sweep->breach_count);
    rota_table_add(table, cells);
}

static void print_table(struct rota_sweep_report *r)
{
    bool none = true;

    add_row(&r->table, "all", &r->sum);
    rota_table_print(&r->table);
    for (uint32_t i = 0; i < ROTA_SWEEP_KINDS; i++) {
        if (r->sum.kinds[i] == 0)
            continue;
        printf("%s%s %" PRIu64, none ? "violations: " : ", ", rota_sweep_word(i), r->sum.kinds[i]);
        none = false;
    }
    puts(none ? "no violations" : "");
}

/* ---- JSON ---- */

static json_t *json_counts(const struct rota_sweep *sweep)
{
    json_t *kinds = json_object();

    for (uint32_t i = 0; i < ROTA_SWEEP_KINDS; i++)
        if (sweep->kinds[i] > 0)
            json_object_set_new(kinds, rota_sweep_word(i),
                                json_integer((json_int_t)sweep->kinds[i]));
    return json_pack("{s:I,s:I,s:I,s:f,s:o}", "places", (json_int_t)sweep->places, "possible",
                     (json_int_t)sweep->possible, "runs", (json_int_t)sweep->runs, "seconds",
                     sweep->seconds, "violations", kinds);
}

static json_t *json_violations(const struct rota_scenario *s, uint64_t seed,
                               const struct rota_sweep *sweep)
{
    json_t *list = json_array();
    char replay[REPLAY_SIZE];

    for (uint64_t i = 0; i < sweep->breach_count; i++) {
        const struct rota_sweep_breach *b = &sweep->breaches[i];

        rota_sweep_replay(b, s, seed, replay, sizeof replay);
        json_array_append_new(
            list, json_pack("{s:s,s:o,s:o}", "invariant", rota_sweep_word(b->kind), "reason",
                            rota_report_text(b->reason), "replay", rota_report_text(replay)));
    }
    return list;
}

static void add_object(struct rota_sweep_report *r, const struct rota_scenario *s, uint64_t seed,
                       const struct rota_sweep *sweep)
{
    json_t *one = json_counts(sweep);

    json_object_set_new(one, "file", rota_report_text(s->file));
    json_object_set_new(one, "breaches", json_violations(s, seed, sweep));
    if (sweep->stopped)
        json_object_set_new(one, "stopped", json_true());
    json_array_append_new(r->scenarios, one);
}

static void print_object(struct rota_sweep_report *r)
{
    json_t *all = json_counts(&r->sum);
    size_t length;

    json_object_set(all, "scenarios", r->scenarios);
    char *text = rota_report_json(all, &length);
    fwrite(text, 1, length, stdout);
    free(text);
}

/* ---- JUnit ---- */

/* Writes each violation and the command that replays it. The caller frees the result. */
static char *violations_text(const struct rota_scenario *s, uint64_t seed,
                             const struct rota_sweep *sweep)
{
    char replay[REPLAY_SIZE];
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    if (to == NULL)
        rota_memory_exhausted();
    for (uint64_t i = 0; i < sweep->breach_count; i++) {
        const struct rota_sweep_breach *b = &sweep->breaches[i];

        rota_sweep_replay(b, s, seed, replay, sizeof replay);
        fprintf(to, "%s: %s\n  replay: %s --trace -\n", rota_sweep_word(b->kind), b->reason,
                replay);
    }
    fclose(to);
    return text;
}

static void write_case(struct rota_sweep_report *r, const struct rota_scenario *s, uint64_t seed,
                       const struct rota_sweep *sweep)
{
    char *text = violations_text(s, seed, sweep);
    const char *failure = sweep->breach_count > 0 ? rota_sweep_word(sweep->breaches[0].kind) : NULL;

    rota_junit_write(&r->cases, &(struct rota_junit_case){.group = "sweep",
                                                          .name = s->file,
                                                          .seconds = sweep->seconds,
                                                          .failure = failure,
                                                          .text = text});
    free(text);
}

/* ---- the report ---- */

bool rota_sweep_report_open(struct rota_sweep_report *r,
                            const struct rota_sweep_report_config *config)
{
    static const char *const heading[ROTA_TABLE_COLUMNS] = {"scenario", "places", "runs",
                                                            "seconds",  "runs/s", "violations"};

    *r = (struct rota_sweep_report){.config = *config, .scenarios = json_array()};
    rota_table_add(&r->table, heading);
    if (config->junit == NULL)
        return true;
    r->junit = fopen(config->junit, "w");
    if (r->junit == NULL) {
        rota_screen_say(NULL, "%s: the JUnit report cannot be written: %s", config->junit,
                        strerror(errno));
        return false;
    }
    rota_junit_open(&r->cases, r->junit, "sweep");
    return true;
}

static void add(struct rota_sweep *sum, const struct rota_sweep *one)
{
    sum->places += one->places;
    sum->possible += one->possible;
    sum->runs += one->runs;
    sum->seconds += one->seconds;
    sum->breach_count += one->breach_count;
    for (uint32_t i = 0; i < ROTA_SWEEP_KINDS; i++)
        sum->kinds[i] += one->kinds[i];
}

void rota_sweep_report_add(struct rota_sweep_report *r, const struct rota_scenario *s,
                           uint64_t seed, const struct rota_sweep *sweep)
{
    add(&r->sum, sweep);
    add_row(&r->table, base_name(s->file), sweep);
    if (r->junit != NULL)
        write_case(r, s, seed, sweep);
    if (r->config.json)
        add_object(r, s, seed, sweep);
    else
        print_violations(r, s, seed, sweep);
}

void rota_sweep_report_refuse(struct rota_sweep_report *r, const char *file,
                              const struct rota_scenario_error *error)
{
    fprintf(stderr, "%s\n", error->text);
    if (r->junit != NULL)
        rota_junit_write(&r->cases, &(struct rota_junit_case){.group = "sweep",
                                                              .name = file,
                                                              .failure = "wrong",
                                                              .text = error->text});
    if (r->config.json)
        json_array_append_new(r->scenarios, json_pack("{s:o,s:o}", "file", rota_report_text(file),
                                                      "error", rota_report_text(error->text)));
}

static bool close_junit(struct rota_sweep_report *r)
{
    if (r->junit == NULL)
        return true;
    rota_junit_close(&r->cases);
    if (fclose(r->junit) == 0)
        return true;
    rota_screen_say(NULL, "%s: the JUnit report is not complete: %s", r->config.junit,
                    strerror(errno));
    return false;
}

bool rota_sweep_report_close(struct rota_sweep_report *r)
{
    bool complete = close_junit(r);

    if (r->config.json)
        print_object(r);
    else
        print_table(r);
    json_decref(r->scenarios);
    rota_table_close(&r->table);
    fflush(stdout);
    return complete;
}
