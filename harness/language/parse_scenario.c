/* Statements, and the file that they make. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/language/block.h"
#include "harness/language/protocol.h"
#include "harness/language/parser.h"
#include "harness/language/zkstatement.h"
#include "model/base/assert.h"
#include "model/seam/backend.h"
#include "model/base/mark.h"
#include "model/tree/spec.h"

enum {
    SERVERS_MOST = 9,
    FILE_MOST = 4 * 1024 * 1024, /* bytes of a scenario */
    STEPS_MOST = 7,              /* of one permute */
    ORDERS_MOST = 5040,          /* runs of one file */
    MARK_WORD_MOST = 48,
    TAGS_MOST = 512, /* bytes, commas and end included */
};

#define HOUR INT64_C(3600000000)

static char *copy_text(const char *text)
{
    return rota_copy(text, strlen(text));
}

static struct rota_statement *add(struct rota_parser *r)
{
    struct rota_scenario *s = r->s;

    if (s->count == r->capacity) {
        r->capacity = r->capacity == 0 ? 16 : 2 * r->capacity;
        s->statements = realloc(s->statements, r->capacity * sizeof *s->statements);
        rota_assert(s->statements != NULL);
    }
    return memset(&s->statements[s->count++], 0, sizeof *s->statements);
}

/* A statement of the line under work. */
static struct rota_statement *append(struct rota_parser *r, enum rota_statement_kind kind)
{
    struct rota_statement *st = add(r);

    st->kind = kind;
    st->line = r->w.line;
    st->text = rota_copy(r->w.source, r->w.useful);
    return st;
}

/* ---- what it is ---- */

static bool read_title(struct rota_parser *r)
{
    const struct rota_token *word = rota_parser_take(r, "the title");

    if (word == NULL)
        return false;
    if (!word->quoted)
        return ROTA_WORD_FAIL(&r->w, word, "a title stands in quotation marks");
    if (r->s->title != NULL)
        return ROTA_WORD_FAIL(&r->w, word, "a file holds one scenario");
    r->s->title = copy_text(word->text);
    return true;
}

static bool read_labels(struct rota_parser *r)
{
    struct rota_scenario *s = r->s;

    if (rota_parser_peek(r) == NULL)
        return rota_parser_missing(r, "a label");
    while (rota_parser_peek(r) != NULL) {
        s->labels = realloc(s->labels, (s->label_count + 1) * sizeof *s->labels);
        rota_assert(s->labels != NULL);
        s->labels[s->label_count++] = copy_text(rota_parser_take(r, "a label")->text);
    }
    return true;
}

/* What can be said once is not said twice. */
static bool say_once(struct rota_parser *r, uint32_t bit)
{
    if ((r->keys & 1u << bit) != 0)
        return ROTA_WORD_FAIL(&r->w, &r->w.words[r->at - 1], "this is said twice");
    r->keys |= 1u << bit;
    return true;
}

enum {
#define X(name, word, syntax, meaning, example) PROPERTY_##name,
    ROTA_PROPERTY_MAP(X)
#undef X
        SAID_SEED,
    SAID_PROTOCOL,
};

static bool read_seed(struct rota_parser *r)
{
    const struct rota_token *word;

    if (!say_once(r, SAID_SEED))
        return false;
    word = rota_parser_take(r, "a number");
    return word != NULL && rota_part_number(r, rota_part_whole(word), 0, UINT64_MAX, &r->s->seed);
}

static bool read_protocol(struct rota_parser *r)
{
    const char *names[32];
    uint32_t count = 0;
    int i;

    for (; rota_protocol_at(count) != NULL && count < 31; count++)
        names[count] = rota_protocol_at(count)->name;
    names[count] = NULL;
    if (!say_once(r, SAID_PROTOCOL))
        return false;
    i = rota_parser_take_one(r, "the name of a protocol", names);
    if (i < 0)
        return false;
    r->s->protocol = (uint32_t)i;
    return true;
}

static bool read_time(struct rota_parser *r, struct rota_part value, rota_span least,
                      rota_span *span)
{
    if (!rota_part_span(r, value, span))
        return false;
    return (*span >= least && *span <= HOUR) ||
           rota_part_fail(r, value, "is not a time that a server can work with");
}

static bool read_property(struct rota_parser *r)
{
    struct rota_cluster *c = &r->s->cluster;
    struct rota_part value;
    int key = rota_parser_take_key(r, "a property of the cluster, such as masters=2",
                                   ROTA_KEYWORD_CLUSTER, &value);

    if (key < 0 || !say_once(r, (uint32_t)key))
        return false;
    switch (key) {
    case PROPERTY_MASTERS:
        return rota_part_count(r, value, 0, ROTA_PROCESSES_MOST, &c->masters);
    case PROPERTY_WORKERS:
        return rota_part_count(r, value, 0, ROTA_PROCESSES_MOST, &c->workers);
    case PROPERTY_CLIENTS:
        return rota_part_count(r, value, 0, ROTA_PROCESSES_MOST, &c->clients);
    case PROPERTY_SERVERS:
        return rota_part_count(r, value, 1, SERVERS_MOST, &c->servers);
    case PROPERTY_SLOTS:
        return rota_part_count(r, value, 1, ROTA_PROCESSES_MOST, &c->slots);
    case PROPERTY_RETRIES:
        return rota_part_count(r, value, 0, 1000000, &c->retries);
    case PROPERTY_LOSSES:
        return rota_part_count(r, value, 1, 1000000, &c->losses);
    case PROPERTY_SESSION:
        return read_time(r, value, 10000, &c->session);
    case PROPERTY_TICK:
        return read_time(r, value, 10000, &c->tick);
    case PROPERTY_LATENCY:
        return read_time(r, value, 0, &c->latency);
    case PROPERTY_LAG:
        return read_time(r, value, 0, &c->lag);
    case PROPERTY_COUNTER:
        return rota_part_count(r, value, 0, INT32_MAX, &c->counter);
    case PROPERTY_SYNC:
        c->quorum_sync = strcmp(value.text, "quorum") == 0;
        return c->quorum_sync || strcmp(value.text, "leader") == 0 ||
               rota_part_fail(r, value, "is neither \"leader\" nor \"quorum\"");
    default:
        return read_time(r, value, 0, &c->backoff);
    }
}

static bool take_tag(struct rota_parser *r, char *tags, size_t size)
{
    const struct rota_token *word = rota_parser_take(r, "a tag");
    size_t used = strlen(tags);

    if (word == NULL)
        return false;
    if (rota_spec_tag_wrong(word->text) != NULL)
        return ROTA_WORD_FAIL(&r->w, word, "\"%.40s\" cannot be a tag: %s", word->text,
                              rota_spec_tag_wrong(word->text));
    if (used + strlen(word->text) + 2 > size)
        return ROTA_WORD_FAIL(&r->w, word, "these are more tags than a worker can carry");
    snprintf(tags + used, size - used, "%s%s", used > 0 ? "," : "", word->text);
    return true;
}

/* tags WORKER TAG... */
static bool read_tags(struct rota_parser *r)
{
    char tags[TAGS_MOST] = "";
    struct rota_scenario *s = r->s;
    struct rota_who who;

    if (!rota_parser_take_who(r, 1u << ROTA_WHO_WORKER, "a worker", &who))
        return false;
    if (r->started[1][who.number])
        return ROTA_WORD_FAIL(&r->w, &r->w.words[0],
                              "what a worker carries stands before what starts it");
    if (rota_scenario_tags(s, who.number)[0] != '\0')
        return ROTA_WORD_FAIL(&r->w, &r->w.words[0], "this is said twice");
    do {
        if (!take_tag(r, tags, sizeof tags))
            return false;
    } while (rota_parser_peek(r) != NULL);
    s->carried = realloc(s->carried, (s->carried_count + 1) * sizeof *s->carried);
    rota_assert(s->carried != NULL);
    s->carried[s->carried_count++] = (struct rota_carried){who.number, copy_text(tags)};
    return true;
}

static bool read_cluster(struct rota_parser *r)
{
    if (r->who_used)
        return ROTA_WORD_FAIL(&r->w, &r->w.words[0],
                              "the cluster stands before what uses its names");
    if (rota_parser_peek(r) == NULL)
        return rota_parser_missing(r, "a property of the cluster, such as masters=2,");
    while (rota_parser_peek(r) != NULL) {
        if (!read_property(r))
            return false;
    }
    return true;
}

/* always INVARIANT... [without INVARIANT...] · without INVARIANT... */
static bool read_invariants(struct rota_parser *r, bool without)
{
    bool named = false;

    for (; !named || rota_parser_peek(r) != NULL; named = true) {
        int i;

        if (!without && rota_parser_accept(r, "without"))
            without = true;
        i = rota_parser_take_of(r, "the name of an invariant", ROTA_KEYWORD_INVARIANT);
        if (i < 0)
            return false;
        if (without ? r->always[i] : r->s->without[i])
            return ROTA_WORD_FAIL(&r->w, &r->w.words[r->at - 1], "this contradicts \"%s\" above",
                                  without ? "always" : "without");
        r->s->without[i] = without;
        r->always[i] = !without;
    }
    return true;
}

static bool read_mark(struct rota_parser *r)
{
    struct rota_statement *st = append(r, ROTA_STATEMENT_SOMETIMES);
    char words[ROTA_MARKS][MARK_WORD_MOST];
    const char *candidates[ROTA_MARKS + 1];
    int mark;

    for (int i = 0; i < ROTA_MARKS; i++) {
        rota_mark_format((enum rota_mark)i, words[i], sizeof words[i]);
        candidates[i] = words[i];
    }
    candidates[ROTA_MARKS] = NULL;
    mark = rota_parser_take_one(r, "a mark", candidates);
    if (mark < 0)
        return false;
    st->mark = (uint32_t)mark;
    return true;
}

/* ---- what happens ---- */

static bool read_span_deed(struct rota_parser *r, enum rota_statement_kind kind)
{
    struct rota_statement *st = append(r, kind);

    return rota_parser_take_span(r, "a duration", &st->span) &&
           rota_parser_take_action(r, &st->deed);
}

/* What follows a pattern: a choice of matches, or the action. */
static bool unknown_match(struct rota_parser *r, const struct rota_token *word)
{
    const char *candidates[64] = {"every", "nth=1"};
    uint32_t count = 2;

    for (const struct rota_keyword *e = rota_keywords(ROTA_KEYWORD_ACTION); e->word != NULL; e++)
        candidates[count++] = e->word;
    return rota_lexer_unknown(&r->w, word->column, word->width, word->text, "an action",
                              candidates);
}

/* before|after OP GLOB [nth=N|every] */
static bool take_match(struct rota_parser *r, struct rota_statement *st)
{
    static const char *const when[] = {"before", "after", NULL};
    int i = rota_parser_take_one(r, "\"before\" or \"after\"", when);
    const struct rota_token *word;
    bool pathless;

    if (i < 0)
        return false;
    st->before = i == 0;
    st->op = rota_parser_take_of(r, "an operation", ROTA_KEYWORD_OPERATION);
    if (st->op < 0)
        return false;
    word = rota_parser_take(r, "a path, or a pattern of one");
    if (word == NULL)
        return false;
    if (word->text[0] != '/' && !rota_token_is(word, "*"))
        return ROTA_WORD_FAIL(
            &r->w, word, "\"%.40s\" is not a pattern of a path, such as /assign/*/*", word->text);
    pathless = st->op == ROTA_OP_CLOSE || st->op == ROTA_OP_ADD_AUTH;
    if (pathless && strcmp(word->text, "*") != 0 && strcmp(word->text, "/") != 0)
        return ROTA_WORD_FAIL(&r->w, word, "such a request has no path; did you mean \"*\"?");
    st->glob = copy_text(pathless ? "*" : word->text);
    word = rota_parser_peek(r);
    if (word != NULL && strncmp(word->text, "nth=", 4) == 0) {
        struct rota_part value = rota_part_whole(word);

        r->at++;
        value.text += 4;
        value.length -= 4;
        value.column += 4;
        return rota_part_count(r, value, 1, INT32_MAX, &st->nth);
    }
    st->every = rota_parser_accept(r, "every");
    word = rota_parser_peek(r);
    return st->every || word == NULL || rota_keyword_find(ROTA_KEYWORD_ACTION, word->text) >= 0 ||
           unknown_match(r, word);
}

/* Two losses of the connection cannot befall the same request. */
static bool check_losses(struct rota_parser *r, const struct rota_statement *st,
                         const struct rota_token *action)
{
    char who[24];
    char victim[24];
    char key[512];
    uint32_t line;

    if (st->deed.kind != ROTA_SCRIPT_CONNLOSS || !st->before)
        return true;
    rota_who_format(st->who, who, sizeof who);
    rota_who_format(st->deed.who, victim, sizeof victim);
    snprintf(key, sizeof key, "%s %s %d %u %d %.400s", who, victim, st->op, st->nth, st->every,
             st->glob);
    line = rota_map_get(&r->pool, &r->losses, key);
    if (line != ROTA_MAP_NONE)
        return ROTA_WORD_FAIL(
            &r->w, action, "this contradicts line %u: a request loses its connection once", line);
    rota_map_put(&r->pool, &r->losses, key, st->line);
    return true;
}

static bool read_on(struct rota_parser *r)
{
    struct rota_statement *st = append(r, ROTA_STATEMENT_ON);
    const struct rota_token *action;

    st->nth = 1;
    if (!rota_parser_take_who(r, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS,
                              "a process that sends requests", &st->who) ||
        !take_match(r, st))
        return false;
    action = rota_parser_peek(r);
    if (!rota_parser_take_action(r, &st->deed))
        return false;
    if (!st->before && st->deed.kind == ROTA_SCRIPT_CONNLOSS &&
        rota_who_same(st->who, st->deed.who) && st->deed.loss != ROTA_LOSS_APPLIED)
        return ROTA_WORD_FAIL(&r->w, action + 2,
                              "this contradicts \"after\": what was done is \"applied\"");
    return check_losses(r, st, action);
}

/* until CONDITION within D · expect CONDITION [within D] · never CONDITION */
static bool read_condition(struct rota_parser *r, enum rota_statement_kind kind)
{
    struct rota_statement *st = append(r, kind);
    const struct rota_token *word;

    if (!rota_parser_take_condition(r, kind != ROTA_STATEMENT_NEVER, &st->condition))
        return false;
    if (kind == ROTA_STATEMENT_NEVER)
        return true;
    if (rota_parser_accept(r, "within"))
        return rota_parser_take_span(r, "a duration", &st->span);
    word = rota_parser_peek(r);
    if (word != NULL)
        return rota_lexer_unknown(&r->w, word->column, word->width, word->text,
                                  "the word \"within\"", (const char *const[]){"within", NULL});
    return kind == ROTA_STATEMENT_EXPECT || rota_parser_missing(r, "\"within\" and a duration");
}

/* step NAME: ACTION */
static bool read_step(struct rota_parser *r)
{
    struct rota_statement *st = append(r, ROTA_STATEMENT_STEP);
    const struct rota_token *word = rota_parser_take(r, "a name and a colon");
    size_t length;

    if (word == NULL)
        return false;
    length = strlen(word->text);
    if (length < 2 || word->text[length - 1] != ':')
        return ROTA_WORD_FAIL(&r->w, word,
                              "a step's name ends in a colon, as in \"step one: ...\"");
    st->name = rota_copy(word->text, length - 1);
    if (rota_map_get(&r->pool, &r->steps, st->name) != ROTA_MAP_NONE)
        return ROTA_WORD_FAIL(&r->w, word, "there is a step \"%.40s\" above", st->name);
    rota_map_put(&r->pool, &r->steps, st->name, r->s->count - 1);
    return rota_parser_take_action(r, &st->deed);
}

/* ---- permutations ---- */

/* permute NAME NAME...: the steps may stand below, so names are looked up at the end. */
static bool read_permute(struct rota_parser *r)
{
    struct rota_statement *st = append(r, ROTA_STATEMENT_PERMUTE);

    st->step_count = r->w.count - 1;
    if (st->step_count < 2)
        return rota_parser_missing(r, "the name of a step");
    if (st->step_count > STEPS_MOST)
        return ROTA_WORD_FAIL(&r->w, &r->w.words[STEPS_MOST + 1],
                              "more than %d steps have too many orders", STEPS_MOST);
    for (uint32_t k = st->step_count; k > 1; k--) {
        if (r->s->orders > ORDERS_MOST / k)
            return ROTA_WORD_FAIL(&r->w, &r->w.words[0], "the file has more than %d orders",
                                  ORDERS_MOST);
        r->s->orders *= k;
    }
    st->steps = calloc(st->step_count, sizeof *st->steps);
    rota_assert(st->steps != NULL);
    r->at = r->w.count;
    return true;
}

static bool resolve_step(struct rota_parser *r, struct rota_statement *st, uint32_t i)
{
    const struct rota_token *word = &r->w.words[i + 1];
    const char *names[64];
    uint32_t count = 0;

    st->steps[i] = rota_map_get(&r->pool, &r->steps, word->text);
    if (st->steps[i] == ROTA_MAP_NONE) {
        for (uint32_t k = 0; k < r->s->count && count < 63; k++) {
            if (r->s->statements[k].kind == ROTA_STATEMENT_STEP)
                names[count++] = r->s->statements[k].name;
        }
        names[count] = NULL;
        return rota_lexer_unknown(&r->w, word->column, word->width, word->text,
                                  "the name of a step", names);
    }
    for (uint32_t k = 0; k < i; k++) {
        if (st->steps[k] == st->steps[i])
            return ROTA_WORD_FAIL(&r->w, word, "this step is named twice");
    }
    r->s->statements[st->steps[i]].step_count = 1; /* named */
    return true;
}

/* Looks up every step, and reads their lines again to point at what is wrong. */
static bool resolve_steps(struct rota_parser *r)
{
    for (uint32_t k = 0; k < r->s->count; k++) {
        struct rota_statement *st = &r->s->statements[k];

        if (st->kind != ROTA_STATEMENT_PERMUTE)
            continue;
        if (!rota_lexer_read(&r->w, st->line, st->text, strlen(st->text)))
            return false;
        for (uint32_t i = 0; i < st->step_count; i++) {
            if (!resolve_step(r, st, i))
                return false;
        }
    }
    for (uint32_t k = 0; k < r->s->count; k++) {
        const struct rota_statement *st = &r->s->statements[k];

        if (st->kind != ROTA_STATEMENT_STEP || st->step_count > 0)
            continue;
        return rota_lexer_read(&r->w, st->line, st->text, strlen(st->text)) &&
               ROTA_WORD_FAIL(&r->w, &r->w.words[1], "no permute names this step");
    }
    return true;
}

/* ---- lines ---- */

enum {
#define X(name, word, syntax, meaning, example) LINE_##name,
    ROTA_STATEMENT_MAP(X)
#undef X
};

static bool read_kind(struct rota_parser *r, int word)
{
    switch (word) {
    case LINE_SCENARIO:
        return read_title(r);
    case LINE_LABELS:
        return read_labels(r);
    case LINE_SEED:
        return read_seed(r);
    case LINE_PROTOCOL:
        return read_protocol(r);
    case LINE_CLUSTER:
        return read_cluster(r);
    case LINE_TAGS:
        return read_tags(r);
    case LINE_AT:
        return read_span_deed(r, ROTA_STATEMENT_AT);
    case LINE_AFTER:
        return read_span_deed(r, ROTA_STATEMENT_AFTER);
    case LINE_ON:
        return read_on(r);
    case LINE_UNTIL:
        return read_condition(r, ROTA_STATEMENT_UNTIL);
    case LINE_EXPECT:
        return read_condition(r, ROTA_STATEMENT_EXPECT);
    case LINE_ALWAYS:
        return read_invariants(r, false);
    case LINE_NEVER:
        return read_condition(r, ROTA_STATEMENT_NEVER);
    case LINE_WITHOUT:
        return read_invariants(r, true);
    case LINE_SOMETIMES:
        return read_mark(r);
    case LINE_STEP:
        return read_step(r);
    case LINE_PERMUTE:
        return read_permute(r);
    case LINE_TRACE:
        append(r, ROTA_STATEMENT_TRACE);
        return true;
    default: /* `zk` alone: with a session it is no line of words */
        return rota_parser_missing(r, "the name of a session, such as z1:,");
    }
}

/* A statement begins with a word of its own or with an action. */
static bool unknown_statement(struct rota_parser *r, const struct rota_token *word)
{
    const char *candidates[128];
    uint32_t count = 0;

    for (const struct rota_keyword *e = rota_keywords(ROTA_KEYWORD_STATEMENT); e->word != NULL; e++)
        candidates[count++] = e->word;
    for (const struct rota_keyword *e = rota_keywords(ROTA_KEYWORD_ACTION); e->word != NULL; e++)
        candidates[count++] = e->word;
    candidates[count] = NULL;
    return rota_lexer_unknown(&r->w, word->column, word->width, word->text, "a statement",
                              candidates);
}

static bool read_statement(struct rota_parser *r)
{
    const struct rota_token *first = rota_parser_peek(r);
    int word = rota_keyword_find(ROTA_KEYWORD_STATEMENT, first->text);

    if (word == LINE_CLUSTER || word == LINE_TAGS || word == LINE_PROTOCOL || word == LINE_ALWAYS ||
        word == LINE_WITHOUT)
        r->s->world_line = r->w.line;
    if (word >= 0) {
        r->at = 1;
        return read_kind(r, word);
    }
    if (rota_keyword_find(ROTA_KEYWORD_ACTION, first->text) < 0)
        return unknown_statement(r, first);
    return rota_parser_take_action(r, &append(r, ROTA_STATEMENT_NOW)->deed);
}

static bool read_line(struct rota_parser *r, uint32_t line, const char *source, size_t length)
{
    r->at = 0;
    if (!rota_lexer_read(&r->w, line, source, length))
        return false;
    if (r->w.count == 0)
        return true;
    return read_statement(r) && rota_parser_end(r);
}

/* The lines of `trace` may end with the file. */
static void read_trace(struct rota_parser *r, uint32_t *line, const char *bytes, size_t length,
                       size_t *at)
{
    struct rota_statement *st = &r->s->statements[r->s->count - 1];
    struct rota_block block = rota_block_read(line, bytes, length, at);

    st->expected = block.text;
    st->block = block.there ? block.line - 1 : block.line + 1;
    st->block_end = *line + 1;
}

static bool read_lines(struct rota_parser *r, const char *bytes, size_t length)
{
    uint32_t line = 0;

    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t n = end == NULL ? length - at : (size_t)(end - bytes) - at;
        uint32_t count = r->s->count;

        line++;
        if (rota_zkstatement_begins(bytes + at, n)) {
            r->typed = true;
            if (!rota_zkstatement_read(add(r), &r->w, &line, bytes, length, &at))
                return false;
            continue;
        }
        if (!read_line(r, line, bytes + at, n))
            return false;
        at += n + (end != NULL);
        if (r->s->count > count && r->s->statements[count].kind == ROTA_STATEMENT_TRACE)
            read_trace(r, &line, bytes, length, &at);
    }
    r->w.line = line > 0 ? line : 1;
    r->w.source = NULL;
    if (r->s->title == NULL)
        return rota_lexer_fail(&r->w, 1, 1,
                               length == 0 ? "the file is empty"
                                           : "the file ends without a line: scenario \"TITLE\"");
    for (uint32_t i = 0; i < r->s->count; i++)
        r->s->cluster.operators += rota_script_action_is_operators(&r->s->statements[i].deed);
    return rota_parser_settle(r) && resolve_steps(r);
}

static bool read_bytes(struct rota_parser *r, const char *bytes, size_t length)
{
    r->w.line = 1;
    if (length > FILE_MOST)
        return rota_lexer_fail(&r->w, 1, 1, "a scenario of more than %d MiB is none for people",
                               FILE_MOST >> 20);
    return rota_lexer_check(&r->w, bytes, length) && read_lines(r, bytes, length);
}

bool rota_scenario_read(struct rota_scenario *s, const char *file, const char *bytes, size_t length,
                        struct rota_scenario_error *error)
{
    struct rota_parser *r = calloc(1, sizeof *r);
    bool right;

    rota_assert(r != NULL);
    r->s = s;
    r->w.file = file;
    r->w.error = error;
    rota_pool_init(&r->pool);
    memset(s, 0, sizeof *s);
    s->file = copy_text(file);
    s->seed = 1;
    s->orders = 1;
    s->cluster = (struct rota_cluster){.masters = 2,
                                       .workers = 2,
                                       .clients = 1,
                                       .servers = 1,
                                       .slots = 1,
                                       .session = 10000000,
                                       .tick = 2000000,
                                       .latency = 1000,
                                       .losses = 5,
                                       .backoff = 1000000};
    right = read_bytes(r, bytes, length);
    rota_lexer_close(&r->w);
    rota_pool_close(&r->pool);
    free(r->aheads);
    free(r);
    if (!right)
        rota_scenario_close(s);
    return right;
}
