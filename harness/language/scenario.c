#include "harness/language/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

static void close_statement(struct rota_statement *st)
{
    free(st->text);
    free(st->glob);
    free(st->name);
    free(st->steps);
    free(st->command);
    free(st->expected);
    free(st->condition.name);
    free(st->condition.text);
    rota_script_action_close(&st->action);
}

void rota_scenario_close(struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        close_statement(&s->statements[i]);
    for (uint32_t i = 0; i < s->label_count; i++)
        free(s->labels[i]);
    for (uint32_t i = 0; i < s->worker_tags_count; i++)
        free(s->worker_tags[i].tags);
    free(s->worker_tags);
    free(s->labels);
    free(s->statements);
    free(s->title);
    free(s->file);
    memset(s, 0, sizeof *s);
}

/* ---- what the data means ---- */

bool rota_scenario_is_zk_only(const struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->statements[i].kind != ROTA_STATEMENT_ZK)
            return false;
    return s->count > 0;
}

/* Whether an expected line shows that rota's tree does not exist: a session creates a part of it,
 * or a listing of the root lacks it. */
static bool shows_empty_tree(const char *line, size_t length)
{
    static const char *const made[] = {"Created /workers", "Created /tasks", "Created /assign"};
    char text[128];

    snprintf(text, sizeof text, "%.*s", length < sizeof text ? (int)length : 0, line);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strcmp(text, made[i]) == 0)
            return true;
    return text[0] == '[' && strstr(text, "zookeeper") != NULL && strstr(text, "tasks") == NULL &&
           strstr(text, "<any>") == NULL;
}

bool rota_scenario_has_empty_tree(const struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->count && rota_scenario_is_zk_only(s); i++) {
        for (const char *at = s->statements[i].expected; *at != '\0'; at += *at == '\n') {
            size_t length = strcspn(at, "\n");

            if (shows_empty_tree(at, length))
                return true;
            at += length;
        }
    }
    return false;
}

/* The number of an order says, digit by digit, which of the remaining steps comes next. */
static uint32_t permuted(const struct rota_statement *st, uint32_t order, uint32_t place)
{
    uint32_t left[8];
    uint32_t count = st->step_count;

    rota_assert(count <= sizeof left / sizeof left[0]);
    memcpy(left, st->steps, count * sizeof *left);
    for (uint32_t at = 0;; at++) {
        uint32_t i = order % count;
        uint32_t taken = left[i];

        if (at == place)
            return taken;
        order /= count;
        memmove(left + i, left + i + 1, (--count - i) * sizeof *left);
    }
}

uint32_t rota_scenario_step(const struct rota_scenario *s, const struct rota_statement *st,
                            uint32_t order, uint32_t place)
{
    rota_assert(order < s->orders);
    rota_assert(st->kind == ROTA_STATEMENT_PERMUTE && place < st->step_count);
    for (const struct rota_statement *one = s->statements; one < st; one++)
        for (uint32_t k = one->kind == ROTA_STATEMENT_PERMUTE ? one->step_count : 0; k > 1; k--)
            order /= k;
    return permuted(st, order, place);
}

const char *rota_scenario_tags(const struct rota_scenario *s, uint32_t worker)
{
    for (uint32_t i = 0; i < s->worker_tags_count; i++)
        if (s->worker_tags[i].worker == worker)
            return s->worker_tags[i].tags;
    return "";
}

bool rota_compare(int64_t left, enum rota_comparison comparison, int64_t right)
{
    switch (comparison) {
    case ROTA_EQUAL:
        return left == right;
    case ROTA_UNEQUAL:
        return left != right;
    case ROTA_LESS:
        return left < right;
    case ROTA_LESS_OR_EQUAL:
        return left <= right;
    case ROTA_GREATER:
        return left > right;
    default:
        return left >= right;
    }
}
