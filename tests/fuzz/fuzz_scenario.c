/* Any bytes as a scenario file give a scenario, or one error that points into
 * the file; and an order of steps is a permutation. For libFuzzer, and for AFL++ by its driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/language/parse_scenario.h"
#include "harness/language/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void demand(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_scenario: %s\n", what);
    abort();
}

static uint32_t count_lines(const uint8_t *bytes, size_t length)
{
    uint32_t lines = 1;

    for (size_t i = 0; i + 1 < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

static void check_error(const struct rota_scenario_error *e, const uint8_t *bytes, size_t length)
{
    char begin[64];

    snprintf(begin, sizeof begin, "f.scn:%u:%u: ", e->line, e->column);
    demand(strncmp(e->text, begin, strlen(begin)) == 0, "an error without its place");
    demand(strlen(e->text) > strlen(begin), "an error without a sentence");
    demand(e->line >= 1 && e->column >= 1, "a place that is none");
    demand(e->line <= count_lines(bytes, length), "a line behind the end");
}

/* The first and the last order of each `permute` name every step once. */
static void check_orders(const struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const struct rota_statement *st = &s->statements[i];

        for (uint32_t k = 0; st->kind == ROTA_STATEMENT_PERMUTE && k < st->step_count; k++) {
            uint32_t step = rota_scenario_step(s, st, s->orders - 1, k);

            demand(rota_scenario_step(s, st, 0, k) == st->steps[k], "the first order is not as "
                                                                    "written");
            demand(s->statements[step].kind == ROTA_STATEMENT_STEP, "no step");
            for (uint32_t before = 0; before < k; before++)
                demand(rota_scenario_step(s, st, s->orders - 1, before) != step, "a step twice");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct rota_scenario s;
    struct rota_scenario_error e;

    memset(&e, 0, sizeof e);
    if (!rota_scenario_read(&s, "f.scn", (const char *)bytes, length, &e)) {
        check_error(&e, bytes, length);
        return 0;
    }
    demand(s.title != NULL && s.orders >= 1, "a scenario that is none");
    check_orders(&s);
    rota_scenario_close(&s);
    return 0;
}
