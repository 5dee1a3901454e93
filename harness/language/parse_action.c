#include "harness/language/parse_action.h"

#include <stdio.h>
#include <string.h>

#include "harness/language/names.h"
#include "harness/language/parse_who.h"
#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/tree/spec.h"
#include "system/memory.h"

enum {
    PRIORITY_MAX = 1000, /* and -1000 at least */
    SKEW_LEAST = -90,    /* percent */
    SKEW_MAX = 900,
    PROGRESS_MAX = 100000, /* lines of a run */
};

/* ---- names ---- */

/* A task's name is one element of a path. It must not end in ten digits, as the names of sequential
 * znodes do (S11). */
static bool check_id(struct rota_parser *p, struct rota_word_part part)
{
    size_t digits = 0;

    if (part.length == 0 || part.length > ROTA_NAME_MAX || strchr(part.text, '/') != NULL ||
        strcmp(part.text, ".") == 0 || strcmp(part.text, "..") == 0 ||
        strcmp(part.text, "all") == 0 || strchr(part.text, '\n') != NULL)
        return rota_word_fail(p, part, "is not a valid task name");
    while (digits < part.length && part.text[part.length - 1 - digits] >= '0' &&
           part.text[part.length - 1 - digits] <= '9')
        digits++;
    return digits < 10 || rota_word_fail(p, part, "ends in ten digits, as sequential names do");
}

/* ---- submit ---- */

enum {
#define X(name, word, syntax, meaning, example) SUBMIT_##name,
    ROTA_SUBMIT_MAP(X)
#undef X
        FAIL_AND_EXIT = 1 << SUBMIT_FAIL | 1 << SUBMIT_EXIT,
};

/* The part of a value from `at` to the next comma. */
static struct rota_word_part part_at(struct rota_word_part value, const char *at)
{
    return (struct rota_word_part){at, strcspn(at, ","),
                                   value.column + (uint32_t)(at - value.text)};
}

/* In a file with ZooKeeper sessions any name may be that of a task, if a task can have it. */
static bool is_task_name(const char *name)
{
    struct rota_outbox scratch;
    bool valid;

    rota_outbox_init(&scratch);
    valid = rota_path_name_valid(&scratch, name);
    rota_outbox_close(&scratch);
    return valid;
}

/* NAME,NAME...: tasks that submits above make. */
static bool take_after(struct rota_parser *p, struct rota_word_part value,
                       struct rota_submit *submit)
{
    char name[ROTA_NAME_MAX + 1];
    struct rota_word_part one;

    for (const char *at = value.text;; at += one.length + 1) {
        one = part_at(value, at);
        snprintf(name, sizeof name, "%.*s",
                 one.length > ROTA_NAME_MAX ? ROTA_NAME_MAX : (int)one.length, at);
        if (one.length > ROTA_NAME_MAX || !rota_parser_knows_task(p, name) || !is_task_name(name))
            return rota_word_fail(p, one, "is not a task that a submit above makes");
        if (at[one.length] == '\0')
            break;
    }
    submit->after = rota_memory_text(value.text);
    return true;
}

/* TAG,TAG... */
static bool take_tags(struct rota_parser *p, struct rota_word_part value,
                      struct rota_submit *submit)
{
    char tag[ROTA_SPEC_TAG_MAX + 2];
    struct rota_word_part one;
    uint32_t count = 0;

    for (const char *at = value.text;; at += one.length + 1) {
        one = part_at(value, at);
        snprintf(tag, sizeof tag, "%.*s", (int)one.length, at);
        if (one.length > ROTA_SPEC_TAG_MAX || rota_spec_tag_wrong(tag) != NULL)
            return rota_word_fail(p, one, "cannot be a tag");
        if (++count > ROTA_SPEC_TAGS_MAX)
            return rota_word_fail(p, one, "is one tag too many for a task");
        if (at[one.length] == '\0')
            break;
    }
    submit->tags = rota_memory_text(value.text);
    return true;
}

/* N,N...: exit statuses of at least `min`. Returns how many there are, or 0 with the error
 * filled. */
static uint32_t take_statuses(struct rota_parser *p, struct rota_word_part value, uint32_t min,
                              uint8_t statuses[ROTA_EXITS_MAX])
{
    struct rota_word_part one;
    uint32_t count = 0;
    uint32_t status;

    for (const char *at = value.text;; at += one.length + 1) {
        one = part_at(value, at);
        if (!rota_word_count(p, one, min, 255, &status))
            return 0;
        if (count == ROTA_EXITS_MAX) {
            rota_word_fail(p, one, "is one exit status too many");
            return 0;
        }
        statuses[count++] = (uint8_t)status;
        if (at[one.length] == '\0')
            return count;
    }
}

static bool take_fatal(struct rota_parser *p, struct rota_word_part value,
                       struct rota_submit *submit)
{
    uint8_t statuses[ROTA_EXITS_MAX];
    uint32_t count = take_statuses(p, value, 1, statuses);

    for (uint32_t i = 0; i < count; i++)
        submit->fatal[statuses[i] / 8] |= (uint8_t)(1u << statuses[i] % 8);
    return count > 0;
}

static bool take_option(struct rota_parser *p, struct rota_submit *submit, uint32_t *given)
{
    const struct rota_token *word = rota_parser_peek(p);
    struct rota_word_part value;
    int key = rota_parser_take_key(p, "an option of submit, such as work=50ms", ROTA_KEYWORD_SUBMIT,
                                   &value);

    if (key < 0)
        return false;
    if ((*given & 1u << key) != 0)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "this option is given twice");
    *given |= 1u << key;
    if ((*given & FAIL_AND_EXIT) == FAIL_AND_EXIT)
        return ROTA_TOKEN_FAIL(&p->lexer, word,
                               "`fail` and `exit` cannot be combined: both say how a run ends");
    switch (key) {
    case SUBMIT_WORK:
        return rota_word_range(p, value, &submit->work_min, &submit->work_max);
    case SUBMIT_FAIL:
        return rota_word_percent(p, value, &submit->fail_percent);
    case SUBMIT_KILL:
        return rota_word_percent(p, value, &submit->kill_percent);
    case SUBMIT_PAYLOAD:
        submit->payload = rota_memory_text(value.text);
        return true;
    case SUBMIT_PRIORITY:
        return rota_word_signed(p, value, PRIORITY_MAX, &submit->priority);
    case SUBMIT_TIMEOUT:
        return rota_word_span(p, value, &submit->timeout) &&
               (submit->timeout >= 1000 ||
                rota_word_fail(p, value, "is too short for a timeout: it must be at least 1ms"));
    case SUBMIT_RETRIES:
        return rota_word_count(p, value, 0, 1000000, &submit->retries);
    case SUBMIT_BACKOFF:
        return rota_word_span(p, value, &submit->backoff);
    case SUBMIT_EXPIRES:
        return rota_word_span(p, value, &submit->expires) &&
               (submit->expires >= 1000 ||
                rota_word_fail(p, value, "is too short for an expiry: it must be at least 1ms"));
    case SUBMIT_DELAY:
        return rota_word_span(p, value, &submit->delay);
    case SUBMIT_AFTER:
        return take_after(p, value, submit);
    case SUBMIT_TAGS:
        return take_tags(p, value, submit);
    case SUBMIT_EXIT:
        submit->exit_count = take_statuses(p, value, 0, submit->exits);
        return submit->exit_count > 0;
    case SUBMIT_FATAL:
        return take_fatal(p, value, submit);
    case SUBMIT_PROGRESS:
        return rota_word_count(p, value, 1, PROGRESS_MAX, &submit->progress);
    default:
        submit->client_names = strcmp(value.text, "*") == 0;
        if (submit->client_names)
            return true;
        if (!check_id(p, value))
            return false;
        submit->id = rota_memory_text(value.text);
        return true;
    }
}

/* Numbers are given in the order of the file, whenever a submit is carried out. */
static bool name_tasks(struct rota_parser *p, const struct rota_token *number,
                       struct rota_submit *submit)
{
    struct rota_scenario *s = p->s;

    if (submit->id != NULL) {
        rota_map_put(&p->pool, &p->ids, submit->id, submit->count);
        return true;
    }
    if (submit->count > ROTA_NUMBERED_MAX - s->numbered)
        return ROTA_TOKEN_FAIL(&p->lexer, number, "these are more tasks than a scenario can have");
    submit->numbered_before = s->numbered;
    s->numbered += submit->count;
    return true;
}

static bool take_submit(struct rota_parser *p, struct rota_submit *submit)
{
    static const char *const units[] = {"tasks", "task", NULL};
    const struct rota_token *number = rota_parser_take(p, "the number of tasks");
    uint32_t given = 0;

    submit->retries = p->s->cluster.retries;
    submit->backoff = p->s->cluster.backoff;
    if (number == NULL ||
        !rota_word_count(p, rota_word_whole(number), 1, ROTA_TASKS_MAX, &submit->count) ||
        rota_parser_take_one(p, "the word \"tasks\"", units) < 0)
        return false;
    while (rota_parser_peek(p) != NULL)
        if (!take_option(p, submit, &given))
            return false;
    p->submitted = true;
    return name_tasks(p, number, submit);
}

/* ---- the others ---- */

/* [for D] */
static bool take_for(struct rota_parser *p, rota_span *span)
{
    const struct rota_token *word;

    if (!rota_parser_accept(p, "for"))
        return true;
    word = rota_parser_peek(p);
    return rota_parser_take_span(p, "a duration", span) &&
           (*span > 0 || ROTA_TOKEN_FAIL(&p->lexer, word, "this duration must be longer than 0"));
}

static bool take_loss(struct rota_parser *p, struct rota_script_action *action)
{
    static const char *const kinds[] = {
#define X(name, word) word,
        ROTA_CONNECTION_FAULT_MAP(X)
#undef X
            NULL,
    };
    int kind = rota_parser_take_one(p, "lost, applied, late or throttled", kinds);

    if (kind < 0)
        return false;
    action->fault = (enum rota_connection_fault)(kind + 1); /* 0 is no fault */
    return action->fault != ROTA_CONNECTION_FAULT_LATE ||
           rota_parser_take_span(p, "how late", &action->span);
}

/* A name can be on one side only. */
static bool check_side(struct rota_parser *p, const struct rota_script_action *action,
                       const struct rota_partition_member *one, const struct rota_token *word)
{
    for (uint32_t i = 0; i < action->member_count; i++) {
        if (rota_who_equal(action->members[i].who, one->who) &&
            action->members[i].side != one->side)
            return ROTA_TOKEN_FAIL(&p->lexer, word, "\"%.40s\" is on another side already",
                                   word->text);
    }
    return true;
}

/* A.. | B.. [| C..] */
static bool take_partition(struct rota_parser *p, struct rota_script_action *action)
{
    uint32_t side = 1;
    uint32_t servers = 0; /* the last side that has one */
    bool empty = true;

    while (rota_parser_peek(p) != NULL) {
        const struct rota_token *word = rota_parser_peek(p);
        struct rota_partition_member one = {.side = side};

        if (!empty && rota_parser_accept(p, "|")) {
            side++;
            empty = true;
            continue;
        }
        if (!rota_parser_take_who(p, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS | ROTA_WHOS_SERVERS,
                                  "the name of a process or a server", &one.who) ||
            !check_side(p, action, &one, word))
            return false;
        if (one.who.kind == ROTA_WHO_SERVER)
            servers = side;
        action->members = rota_memory_extend(action->members, action->member_count,
                                             &action->member_capacity, sizeof *action->members);
        action->members[action->member_count++] = one;
        empty = false;
    }
    if (empty || side == 1)
        return rota_parser_missing(p, empty ? "the name of a process" : "\"|\"");
    return servers > 0 || ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[p->lexer.count - 1],
                                          "no side has a server, so this cuts no connection");
}

static bool take_skew(struct rota_parser *p, struct rota_script_action *action)
{
    const struct rota_token *word = rota_parser_take(p, "how much, such as +10%");
    struct rota_word_part part;

    if (word == NULL)
        return false;
    part = rota_word_whole(word);
    if (part.length < 2 || part.text[part.length - 1] != '%')
        return rota_word_fail(p, part, "is not a percentage such as +10% or -10%");
    part.length--;
    return rota_word_signed(p, part, SKEW_MAX, &action->skew_percent) &&
           (action->skew_percent >= SKEW_LEAST ||
            rota_word_fail(p, part, "is too slow for a clock: it must be at least -90%"));
}

/* `lag` and `elect` need an ensemble. */
static bool check_ensemble(struct rota_parser *p)
{
    p->has_used_names = true;
    return p->s->cluster.servers > 1 ||
           ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[p->at - 1],
                           "this needs more than one server: write \"cluster servers=3\"");
}

/* Remembers which processes this starts. */
static void note_start(struct rota_parser *p, struct rota_who who)
{
    if (who.kind == ROTA_WHO_ALL)
        memset(p->started, 1, sizeof p->started);
    else if (who.kind >= ROTA_WHO_MASTER && who.kind <= ROTA_WHO_CLIENT)
        p->started[who.kind - ROTA_WHO_MASTER][who.number] = true;
}

static bool take_process(struct rota_parser *p, const char *what, struct rota_script_action *action)
{
    return rota_parser_take_who(p, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS, what, &action->who);
}

static bool take_any(struct rota_parser *p, const char *what, struct rota_script_action *action)
{
    return rota_parser_take_who(p, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS | ROTA_WHOS_SERVERS,
                                what, &action->who);
}

/* The rest of an action, after its first word. */
static bool take_rest(struct rota_parser *p, struct rota_script_action *action)
{
    switch (action->kind) {
    case ROTA_SCRIPT_PAUSE:
        if (!take_any(p, "a process that can pause", action))
            return false;
        action->work = rota_parser_accept(p, "work");
        if (!take_for(p, &action->span))
            return false;
        action->work = action->work || rota_parser_accept(p, "work");
        return true;
    case ROTA_SCRIPT_DISCONNECT:
        return take_any(p, "a process or a server", action) && take_for(p, &action->span);
    case ROTA_SCRIPT_HEAL:
        action->who.kind = ROTA_WHO_ALL;
        return rota_parser_peek(p) == NULL || take_any(p, "a process", action);
    case ROTA_SCRIPT_CONNLOSS:
        return take_process(p, "a process with a connection", action) && take_loss(p, action);
    case ROTA_SCRIPT_SLOW:
        return take_process(p, "a process with a connection", action) &&
               rota_parser_take_span(p, "how slow", &action->span);
    case ROTA_SCRIPT_SKEW:
        return take_process(p, "a process with a clock of its own", action) && take_skew(p, action);
    case ROTA_SCRIPT_SUBMIT:
        return rota_parser_take_who(p, ROTA_WHOS_CLIENTS, "a client", &action->who) &&
               take_submit(p, &action->submit);
    case ROTA_SCRIPT_CANCEL:
    case ROTA_SCRIPT_RETRY:
        return rota_parser_take_task(p, false, &action->task);
    case ROTA_SCRIPT_DRAIN:
        return rota_parser_take_who(p, ROTA_WHOS_WORKERS, "a worker", &action->who);
    case ROTA_SCRIPT_LAG:
        return rota_parser_take_who(p, ROTA_WHOS_SERVERS, "a server", &action->who) &&
               check_ensemble(p) && rota_parser_take_span(p, "how much", &action->span);
    case ROTA_SCRIPT_ELECT:
        return check_ensemble(p);
    case ROTA_SCRIPT_PARTITION:
        return take_partition(p, action);
    case ROTA_SCRIPT_EXPIRE:
        return take_process(p, "a process with a session", action);
    case ROTA_SCRIPT_START: /* an operator is started by its own statement */
        return rota_parser_take_who(p, ROTA_WHOS_PROCESSES | ROTA_WHOS_SERVERS,
                                    "a process that `start` can start", &action->who);
    default:
        return take_any(p, "a process", action);
    }
}

bool rota_parser_take_action(struct rota_parser *p, struct rota_script_action *action)
{
    int kind = rota_parser_take_of(p, "an action", ROTA_KEYWORD_ACTION);

    if (kind < 0)
        return false;
    action->kind = (enum rota_script_action_kind)kind;
    if (!take_rest(p, action))
        return false;
    if (action->kind == ROTA_SCRIPT_START || action->kind == ROTA_SCRIPT_RESTART)
        note_start(p, action->who);
    return true;
}
