/* Actions, as they are written. */
#include "harness/language/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/tree/spec.h"

enum {
    PRIORITY_MOST = 1000, /* either way */
    SKEW_LEAST = -90,     /* percent */
    SKEW_MOST = 900,
    PROGRESS_MOST = 100000, /* lines of a run */
};

static char *copy_text(const char *text)
{
    return rota_copy(text, strlen(text));
}

/* ---- names ---- */

/* A task's name is one element of a path, and never ends in ten digits (S11). */
static bool check_id(struct rota_parser *r, struct rota_part p)
{
    size_t digits = 0;

    if (p.length == 0 || p.length > ROTA_NAME_MOST || strchr(p.text, '/') != NULL ||
        strcmp(p.text, ".") == 0 || strcmp(p.text, "..") == 0 || strcmp(p.text, "all") == 0 ||
        strchr(p.text, '\n') != NULL)
        return rota_part_fail(r, p, "is not a task's name");
    while (digits < p.length && p.text[p.length - 1 - digits] >= '0' &&
           p.text[p.length - 1 - digits] <= '9')
        digits++;
    return digits < 10 || rota_part_fail(r, p, "ends in ten digits, as sequential names do");
}

/* ---- submit ---- */

enum {
#define X(name, word, syntax, meaning, example) OPTION_##name,
    ROTA_OPTION_MAP(X)
#undef X
        BOTH_ENDS = 1 << OPTION_FAIL | 1 << OPTION_EXIT,
};

/* What stands at `at` in a value, up to the next comma. */
static struct rota_part part_at(struct rota_part value, const char *at)
{
    return (struct rota_part){at, strcspn(at, ","), value.column + (uint32_t)(at - value.text)};
}

/* NAME,NAME...: tasks that submits above make. */
static bool take_after(struct rota_parser *r, struct rota_part value, struct rota_submit *submit)
{
    char name[ROTA_NAME_MOST + 1];
    struct rota_part one;

    for (const char *at = value.text;; at += one.length + 1) {
        one = part_at(value, at);
        snprintf(name, sizeof name, "%.*s",
                 one.length > ROTA_NAME_MOST ? ROTA_NAME_MOST : (int)one.length, at);
        if (one.length > ROTA_NAME_MOST || !rota_parser_knows_task(r, name))
            return rota_part_fail(r, one, "is no task that a submit above makes");
        if (at[one.length] == '\0')
            break;
    }
    submit->after = copy_text(value.text);
    return true;
}

/* TAG,TAG... */
static bool take_tags(struct rota_parser *r, struct rota_part value, struct rota_submit *submit)
{
    char tag[ROTA_SPEC_TAG_MAX + 2];
    struct rota_part one;
    uint32_t count = 0;

    for (const char *at = value.text;; at += one.length + 1) {
        one = part_at(value, at);
        snprintf(tag, sizeof tag, "%.*s", (int)one.length, at);
        if (one.length > ROTA_SPEC_TAG_MAX || rota_spec_tag_wrong(tag) != NULL)
            return rota_part_fail(r, one, "cannot be a tag");
        if (++count > ROTA_SPEC_TAGS_MAX)
            return rota_part_fail(r, one, "is one tag more than a task can have");
        if (at[one.length] == '\0')
            break;
    }
    submit->tags = copy_text(value.text);
    return true;
}

/* N,N...: exit statuses from `least` on. Returns how many, 0 with the error filled. */
static uint32_t take_statuses(struct rota_parser *r, struct rota_part value, uint32_t least,
                              uint8_t statuses[ROTA_EXITS_MOST])
{
    struct rota_part one;
    uint32_t count = 0;
    uint32_t status;

    for (const char *at = value.text;; at += one.length + 1) {
        one = part_at(value, at);
        if (!rota_part_count(r, one, least, 255, &status))
            return 0;
        if (count == ROTA_EXITS_MOST) {
            rota_part_fail(r, one, "is one exit status more than a scenario can have");
            return 0;
        }
        statuses[count++] = (uint8_t)status;
        if (at[one.length] == '\0')
            return count;
    }
}

static bool take_fatal(struct rota_parser *r, struct rota_part value, struct rota_submit *submit)
{
    uint8_t statuses[ROTA_EXITS_MOST];
    uint32_t count = take_statuses(r, value, 1, statuses);

    for (uint32_t i = 0; i < count; i++)
        submit->fatal[statuses[i] / 8] |= (uint8_t)(1u << statuses[i] % 8);
    return count > 0;
}

static bool take_option(struct rota_parser *r, struct rota_submit *submit, uint32_t *given)
{
    const struct rota_token *word = rota_parser_peek(r);
    struct rota_part value;
    int key = rota_parser_take_key(r, "an option of submit, such as work=50ms", ROTA_KEYWORD_SUBMIT,
                                   &value);

    if (key < 0)
        return false;
    if ((*given & 1u << key) != 0)
        return ROTA_WORD_FAIL(&r->w, word, "this option is given twice");
    *given |= 1u << key;
    if ((*given & BOTH_ENDS) == BOTH_ENDS)
        return ROTA_WORD_FAIL(&r->w, word, "`fail` and `exit` both say how a run ends");
    switch (key) {
    case OPTION_WORK:
        return rota_part_range(r, value, &submit->work_least, &submit->work_most);
    case OPTION_FAIL:
        return rota_part_percent(r, value, &submit->fail_percent);
    case OPTION_KILL:
        return rota_part_percent(r, value, &submit->kill_percent);
    case OPTION_PAYLOAD:
        submit->payload = copy_text(value.text);
        return true;
    case OPTION_PRIORITY:
        return rota_part_signed(r, value, PRIORITY_MOST, &submit->priority);
    case OPTION_TIMEOUT:
        return rota_part_span(r, value, &submit->timeout) &&
               (submit->timeout >= 1000 ||
                rota_part_fail(r, value, "is no time to run in: 1ms is the least"));
    case OPTION_RETRIES:
        return rota_part_count(r, value, 0, 1000000, &submit->retries);
    case OPTION_BACKOFF:
        return rota_part_span(r, value, &submit->backoff);
    case OPTION_EXPIRES:
        return rota_part_span(r, value, &submit->expires) &&
               (submit->expires >= 1000 ||
                rota_part_fail(r, value, "is no time to begin in: 1ms is the least"));
    case OPTION_DELAY:
        return rota_part_span(r, value, &submit->delay);
    case OPTION_AFTER:
        return take_after(r, value, submit);
    case OPTION_TAGS:
        return take_tags(r, value, submit);
    case OPTION_EXIT:
        submit->exit_count = take_statuses(r, value, 0, submit->exits);
        return submit->exit_count > 0;
    case OPTION_FATAL:
        return take_fatal(r, value, submit);
    case OPTION_PROGRESS:
        return rota_part_count(r, value, 1, PROGRESS_MOST, &submit->progress);
    default:
        submit->own = strcmp(value.text, "*") == 0;
        if (submit->own)
            return true;
        if (!check_id(r, value))
            return false;
        submit->id = copy_text(value.text);
        return true;
    }
}

/* Names are given out in the order of the file, whenever the submit is carried out. */
static bool name_tasks(struct rota_parser *r, const struct rota_token *number,
                       struct rota_submit *submit)
{
    struct rota_scenario *s = r->s;

    if (submit->id != NULL) {
        rota_map_put(&r->pool, &r->ids, submit->id, submit->count);
        return true;
    }
    if (submit->count > ROTA_NUMBERED_MOST - s->numbered)
        return ROTA_WORD_FAIL(&r->w, number, "these are more tasks than a scenario can have");
    submit->before = s->numbered;
    s->numbered += submit->count;
    return true;
}

static bool take_submit(struct rota_parser *r, struct rota_submit *submit)
{
    static const char *const units[] = {"tasks", "task", NULL};
    const struct rota_token *number = rota_parser_take(r, "the number of tasks");
    uint32_t given = 0;

    submit->retries = r->s->cluster.retries;
    submit->backoff = r->s->cluster.backoff;
    if (number == NULL ||
        !rota_part_count(r, rota_part_whole(number), 1, ROTA_TASKS_MOST, &submit->count) ||
        rota_parser_take_one(r, "the word \"tasks\"", units) < 0)
        return false;
    while (rota_parser_peek(r) != NULL) {
        if (!take_option(r, submit, &given))
            return false;
    }
    r->submitted = true;
    return name_tasks(r, number, submit);
}

/* ---- the others ---- */

/* [for D] */
static bool take_for(struct rota_parser *r, rota_span *span)
{
    const struct rota_token *word;

    if (!rota_parser_accept(r, "for"))
        return true;
    word = rota_parser_peek(r);
    return rota_parser_take_span(r, "a duration", span) &&
           (*span > 0 || ROTA_WORD_FAIL(&r->w, word, "this would be over before it begins"));
}

static bool take_loss(struct rota_parser *r, struct rota_script_action *d)
{
    static const char *const kinds[] = {"lost", "applied", "late", NULL};
    int kind = rota_parser_take_one(r, "a kind of connection loss: lost, applied or late", kinds);

    if (kind < 0)
        return false;
    d->loss = (enum rota_loss)kind;
    return d->loss != ROTA_LOSS_LATE || rota_parser_take_span(r, "how late", &d->span);
}

/* Who stands on one side stands on no other. */
static bool check_side(struct rota_parser *r, const struct rota_script_action *d,
                       const struct rota_sided *one, const struct rota_token *word)
{
    for (uint32_t i = 0; i < d->sided_count; i++) {
        if (rota_who_same(d->sided[i].who, one->who) && d->sided[i].side != one->side)
            return ROTA_WORD_FAIL(&r->w, word, "\"%.40s\" stands on another side already",
                                  word->text);
    }
    return true;
}

/* A.. | B.. [| C..] */
static bool take_partition(struct rota_parser *r, struct rota_script_action *d)
{
    uint32_t side = 1;
    uint32_t servers = 0; /* the last side with one */
    bool empty = true;

    while (rota_parser_peek(r) != NULL) {
        const struct rota_token *word = rota_parser_peek(r);
        struct rota_sided one = {.side = side};

        if (!empty && rota_parser_accept(r, "|")) {
            side++;
            empty = true;
            continue;
        }
        if (!rota_parser_take_who(r, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS | ROTA_WHOS_SERVERS,
                                  "the name of a process or a server", &one.who) ||
            !check_side(r, d, &one, word))
            return false;
        if (one.who.kind == ROTA_WHO_SERVER)
            servers = side;
        d->sided = realloc(d->sided, (d->sided_count + 1) * sizeof *d->sided);
        rota_assert(d->sided != NULL);
        d->sided[d->sided_count++] = one;
        empty = false;
    }
    if (empty || side == 1)
        return rota_parser_missing(r, empty ? "the name of a process" : "\"|\"");
    return servers > 0 || ROTA_WORD_FAIL(&r->w, &r->w.words[r->w.count - 1],
                                         "no server is named on any side, so nobody is cut off");
}

static bool take_skew(struct rota_parser *r, struct rota_script_action *d)
{
    const struct rota_token *word = rota_parser_take(r, "how much, such as +10%");
    struct rota_part p;

    if (word == NULL)
        return false;
    p = rota_part_whole(word);
    if (p.length < 2 || p.text[p.length - 1] != '%')
        return rota_part_fail(r, p, "is not a share such as +10% or -10%");
    p.length--;
    return rota_part_signed(r, p, SKEW_MOST, &d->skew_percent) &&
           (d->skew_percent >= SKEW_LEAST ||
            rota_part_fail(r, p, "is too slow for a clock: -90% is the least"));
}

/* `lag` and `elect` are for ensembles. */
static bool check_ensemble(struct rota_parser *r)
{
    r->who_used = true;
    return r->s->cluster.servers > 1 ||
           ROTA_WORD_FAIL(&r->w, &r->w.words[r->at - 1],
                          "one server alone has nobody to elect or to lag behind: say "
                          "\"cluster servers=3\"");
}

/* Remembers whom this starts. */
static void note_start(struct rota_parser *r, struct rota_who who)
{
    if (who.kind == ROTA_WHO_ALL)
        memset(r->started, 1, sizeof r->started);
    else if (who.kind >= ROTA_WHO_MASTER && who.kind <= ROTA_WHO_CLIENT)
        r->started[who.kind - ROTA_WHO_MASTER][who.number] = true;
}

static bool take_process(struct rota_parser *r, const char *what, struct rota_script_action *d)
{
    return rota_parser_take_who(r, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS, what, &d->who);
}

static bool take_anybody(struct rota_parser *r, const char *what, struct rota_script_action *d)
{
    return rota_parser_take_who(r, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS | ROTA_WHOS_SERVERS,
                                what, &d->who);
}

/* What follows the first word. */
static bool take_rest(struct rota_parser *r, struct rota_script_action *d)
{
    switch (d->kind) {
    case ROTA_SCRIPT_PAUSE:
        if (!take_anybody(r, "a process that can pause", d))
            return false;
        d->work = rota_parser_accept(r, "work");
        if (!take_for(r, &d->span))
            return false;
        d->work = d->work || rota_parser_accept(r, "work");
        return true;
    case ROTA_SCRIPT_DISCONNECT:
        return take_anybody(r, "a process or a server", d) && take_for(r, &d->span);
    case ROTA_SCRIPT_HEAL:
        d->who.kind = ROTA_WHO_ALL;
        return rota_parser_peek(r) == NULL || take_anybody(r, "a process", d);
    case ROTA_SCRIPT_CONNLOSS:
        return take_process(r, "a process with a connection", d) && take_loss(r, d);
    case ROTA_SCRIPT_SLOW:
        return take_process(r, "a process with a connection", d) &&
               rota_parser_take_span(r, "how slow", &d->span);
    case ROTA_SCRIPT_SKEW:
        return take_process(r, "a process with a clock of its own", d) && take_skew(r, d);
    case ROTA_SCRIPT_SUBMIT:
        return rota_parser_take_who(r, ROTA_WHOS_CLIENTS, "a client", &d->who) &&
               take_submit(r, &d->submit);
    case ROTA_SCRIPT_CANCEL:
    case ROTA_SCRIPT_RETRY:
        return rota_parser_take_task(r, false, &d->task);
    case ROTA_SCRIPT_DRAIN:
        return rota_parser_take_who(r, ROTA_WHOS_WORKERS, "a worker", &d->who);
    case ROTA_SCRIPT_LAG:
        return rota_parser_take_who(r, ROTA_WHOS_SERVERS, "a server", &d->who) &&
               check_ensemble(r) && rota_parser_take_span(r, "how much", &d->span);
    case ROTA_SCRIPT_ELECT:
        return check_ensemble(r);
    case ROTA_SCRIPT_PARTITION:
        return take_partition(r, d);
    case ROTA_SCRIPT_EXPIRE:
        return take_process(r, "a process with a session", d);
    case ROTA_SCRIPT_START: /* what starts an operator is its own statement */
        return rota_parser_take_who(r, ROTA_WHOS_PROCESSES | ROTA_WHOS_SERVERS,
                                    "a process that it can start", &d->who);
    default:
        return take_anybody(r, "a process", d);
    }
}

bool rota_parser_take_action(struct rota_parser *r, struct rota_script_action *d)
{
    int kind = rota_parser_take_of(r, "an action", ROTA_KEYWORD_ACTION);

    if (kind < 0)
        return false;
    d->kind = (enum rota_script_action_kind)kind;
    if (!take_rest(r, d))
        return false;
    if (d->kind == ROTA_SCRIPT_START || d->kind == ROTA_SCRIPT_RESTART)
        note_start(r, d->who);
    return true;
}
