#include "tests/conformance/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/memory.h"

void pair_init(struct pair *p, const struct fixture *first, const struct fixture *second)
{
    *p = (struct pair){.fixtures = {first, second}};
}

static void end(struct pair *p)
{
    if (!p->open)
        return;
    subject_close(&p->subjects[0]);
    subject_close(&p->subjects[1]);
    p->open = false;
}

void pair_close(struct pair *p)
{
    end(p);
    text_close(&p->answers[0]);
    text_close(&p->answers[1]);
    text_close(&p->journal);
    text_close(&p->logs);
}

static bool begin(struct pair *p)
{
    if (p->open)
        return true;
    if (!subject_open(&p->subjects[0], p->fixtures[0]))
        return false;
    if (!subject_open(&p->subjects[1], p->fixtures[1])) {
        subject_close(&p->subjects[0]);
        return false;
    }
    p->open = true;
    p->runs = 0;
    return true;
}

static bool same(const struct pair *p)
{
    return strcmp(text_of(&p->subjects[0].text), text_of(&p->subjects[1].text)) == 0 &&
           !p->subjects[0].stuck && !p->subjects[1].stuck;
}

static void collect(struct pair *p)
{
    struct subject *s = &p->subjects[0];

    text_clear(&p->journal);
    text_add(&p->journal, "%s", text_of(&s->journal));
    text_clear(&p->logs);
    if (s->fixture->add_logs != NULL)
        s->fixture->add_logs(s->world, &p->logs);
}

static enum verdict differ(struct pair *p, uint32_t step)
{
    bool disturbed = p->subjects[0].disturbances > p->subjects[1].disturbances;
    bool stuck = p->subjects[0].stuck && p->subjects[1].stuck;

    p->step = step;
    for (int i = 0; i < 2; i++) {
        text_clear(&p->answers[i]);
        text_add(&p->answers[i], "%s", text_of(&p->subjects[i].text));
    }
    if (p->collects)
        collect(p);
    end(p);
    return stuck ? VERDICT_STUCK : disturbed ? VERDICT_DISTURBED : VERDICT_DIFFERENT;
}

enum verdict pair_run(struct pair *p, const struct sequence *q)
{
    char root[ROOT_BYTES];

    if (!begin(p))
        return VERDICT_NO_SERVER;
    snprintf(root, sizeof root, "/r%06u", ++p->runs);
    for (int i = 0; i < 2; i++)
        subject_begin(&p->subjects[i], q->clients, root);
    if (!same(p))
        return differ(p, 0);
    for (uint32_t step = 0; step < q->count; step++) {
        for (int i = 0; i < 2; i++)
            subject_perform(&p->subjects[i], q->steps[step]);
        if (!same(p))
            return differ(p, step);
    }
    for (int i = 0; i < 2; i++)
        subject_end(&p->subjects[i]);
    return same(p) ? VERDICT_SAME : differ(p, q->count);
}

/* ---- shrinking ---- */

/* Reduces a sequence to one of its subsequences and frees the other steps. */
static void keep(struct sequence *q, const struct sequence *kept)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < q->count; i++)
        if (next < kept->count && kept->steps[next] == q->steps[i])
            q->steps[next++] = q->steps[i];
        else
            step_free(q->steps[i]);
    q->count = next;
}

/* Runs a candidate. If it shows a difference, `q` is reduced to it, up to the step of the
 * difference. */
static bool try(struct pair *p, struct sequence *q, struct sequence *candidate, uint32_t *tries)
{
    enum verdict verdict;

    if (*tries == 0)
        return false;
    --*tries;
    verdict = pair_run(p, candidate);
    if (verdict != VERDICT_DIFFERENT)
        return false;
    if (candidate->count > p->step + 1)
        candidate->count = p->step + 1;
    keep(q, candidate);
    return true;
}

/* Leaves out runs of steps: long ones first, then shorter ones, from the end to the beginning. */
static bool shrink_steps(struct pair *p, struct sequence *q, uint32_t *tries)
{
    struct sequence c = *q;
    bool shrunk = false;

    c.steps = rota_memory_zeroed(q->count + 1, sizeof(struct step *));
    for (uint32_t size = q->count - 1; size > 0; size /= 2) {
        for (uint32_t to = q->count - 1; to > 0;) { /* the last step shows the difference */
            uint32_t from = to > size ? to - size : 0;

            memcpy(c.steps, q->steps, from * sizeof(struct step *));
            memcpy(c.steps + from, q->steps + to, (q->count - to) * sizeof(struct step *));
            c.count = q->count - (to - from);
            shrunk |= try(p, q, &c, tries);
            to = from < q->count ? from : q->count - 1;
        }
    }
    free(c.steps);
    return shrunk;
}

static void drop(struct command *commands, uint32_t *count, uint32_t i)
{
    command_clear(&commands[i]);
    memmove(commands + i, commands + i + 1, (--*count - i) * sizeof *commands);
}

/* Replaces one step, and keeps the new one if there is still a difference. */
static bool try_step(struct pair *p, struct sequence *q, uint32_t at, struct step *other,
                     uint32_t *tries)
{
    struct step *former = q->steps[at];
    struct sequence c = *q;

    q->steps[at] = other;
    if (try(p, q, &c, tries)) {
        step_free(former);
        return true;
    }
    q->steps[at] = former;
    step_free(other);
    return false;
}

/* Leaves out single commands of a step, and single operations of multis. */
static void shrink_step(struct pair *p, struct sequence *q, uint32_t at, uint32_t *tries)
{
    for (uint32_t i = q->steps[at]->count; i > 0 && q->steps[at]->count > 1; i--) {
        struct step *other = step_copy(q->steps[at]);

        drop(other->commands, &other->count, i - 1);
        if (try_step(p, q, at, other, tries) && at >= q->count)
            return;
    }
    for (uint32_t i = 0; at < q->count && i < q->steps[at]->count; i++) {
        uint32_t parts = q->steps[at]->commands[i].part_count;

        for (uint32_t part = parts < 300 ? parts : 0; part > 0; part--) {
            struct step *other = step_copy(q->steps[at]);

            drop(other->commands[i].parts, &other->commands[i].part_count, part - 1);
            if (try_step(p, q, at, other, tries) && at >= q->count)
                return;
        }
    }
}

bool pair_shrink(struct pair *p, struct sequence *q, uint32_t tries)
{
    struct step **all = rota_memory_copy(q->steps, q->count * sizeof *all);
    struct sequence c = *q;

    c.steps = all;
    if (!try(p, q, &c, &tries)) {
        free(all);
        return false;
    }
    free(all);
    while (shrink_steps(p, q, &tries) && tries > 0)
        ;
    for (uint32_t at = q->count; at > 0; at--)
        if (at <= q->count)
            shrink_step(p, q, at - 1, &tries);
    tries = 1; /* once more: the answers are those of the last try */
    return try(p, q, &(struct sequence){q->steps, q->count, q->clients}, &tries);
}

void pair_print(struct text *t, const struct pair *p, const struct sequence *q)
{
    for (uint32_t i = 0; i < q->count && i <= p->step; i++)
        step_print(t, q->steps[i]);
    for (int i = 0; i < 2; i++)
        text_add(t, "%s said:\n%s", p->fixtures[i]->name, text_of(&p->answers[i]));
}
