#include "harness/language/parse_scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/language/block.h"
#include "harness/language/line.h"
#include "harness/language/names.h"
#include "harness/language/parse_action.h"
#include "harness/language/parse_condition.h"
#include "harness/language/parse_settings.h"
#include "harness/language/parse_steps.h"
#include "harness/language/parse_who.h"
#include "harness/language/zkstatement.h"
#include "model/base/mark.h"
#include "model/seam/backend.h"
#include "system/memory.h"

enum {
    FILE_MAX = 4 * 1024 * 1024,  /* bytes of a scenario */
    READ_MAX = 16 * 1024 * 1024, /* bytes that are read of a file */
    MARK_WORD_MAX = 48,
};

/* ---- statements of the story ---- */

static bool read_mark(struct rota_parser *p)
{
    struct rota_statement *st = rota_parser_add_line(p, ROTA_STATEMENT_SOMETIMES);
    char words[ROTA_MARKS][MARK_WORD_MAX];
    const char *candidates[ROTA_MARKS + 1];
    int mark;

    for (int i = 0; i < ROTA_MARKS; i++) {
        rota_mark_format((enum rota_mark)i, words[i], sizeof words[i]);
        candidates[i] = words[i];
    }
    candidates[ROTA_MARKS] = NULL;
    mark = rota_parser_take_one(p, "a mark", candidates);
    if (mark < 0)
        return false;
    st->mark = (uint32_t)mark;
    return true;
}

static bool read_timed(struct rota_parser *p, enum rota_statement_kind kind)
{
    struct rota_statement *st = rota_parser_add_line(p, kind);

    return rota_parser_take_span(p, "a duration", &st->span) &&
           rota_parser_take_action(p, &st->action);
}

/* The word after a pattern is neither a choice of matches nor an action. */
static bool unknown_match(struct rota_parser *p, const struct rota_token *word)
{
    const char *candidates[64] = {"every", "nth=1"};
    uint32_t count = 2;

    for (const struct rota_keyword *e = rota_keywords(ROTA_KEYWORD_ACTION); e->word != NULL; e++)
        candidates[count++] = e->word;
    return rota_lexer_unknown(&p->lexer, word->column, word->width, word->text, "an action",
                              candidates);
}

/* before|after OP GLOB [nth=N|every] */
static bool take_match(struct rota_parser *p, struct rota_statement *st)
{
    static const char *const when[] = {"before", "after", NULL};
    int i = rota_parser_take_one(p, "\"before\" or \"after\"", when);
    const struct rota_token *word;
    bool pathless;

    if (i < 0)
        return false;
    st->before = i == 0;
    st->op = rota_parser_take_of(p, "an operation", ROTA_KEYWORD_OPERATION);
    if (st->op < 0)
        return false;
    word = rota_parser_take(p, "a path or a path pattern");
    if (word == NULL)
        return false;
    if (word->text[0] != '/' && !rota_token_is(word, "*"))
        return ROTA_TOKEN_FAIL(&p->lexer, word,
                               "\"%.40s\" is not a path pattern, such as /assign/*/*", word->text);
    pathless = st->op == ROTA_OP_CLOSE || st->op == ROTA_OP_ADD_AUTH;
    if (pathless && strcmp(word->text, "*") != 0 && strcmp(word->text, "/") != 0)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "such a request has no path; did you mean \"*\"?");
    st->glob = rota_memory_text(pathless ? "*" : word->text);
    word = rota_parser_peek(p);
    if (word != NULL && strncmp(word->text, "nth=", 4) == 0) {
        struct rota_word_part value = rota_word_whole(word);

        p->at++;
        value.text += 4;
        value.length -= 4;
        value.column += 4;
        return rota_word_count(p, value, 1, INT32_MAX, &st->nth);
    }
    st->every = rota_parser_accept(p, "every");
    word = rota_parser_peek(p);
    return st->every || word == NULL || rota_keyword_find(ROTA_KEYWORD_ACTION, word->text) >= 0 ||
           unknown_match(p, word);
}

/* One request can lose its connection only once. */
static bool check_losses(struct rota_parser *p, const struct rota_statement *st,
                         const struct rota_token *action)
{
    char who[24];
    char victim[24];
    char key[512];
    uint32_t line;

    if (st->action.kind != ROTA_SCRIPT_CONNLOSS || !st->before)
        return true;
    rota_who_format(st->who, who, sizeof who);
    rota_who_format(st->action.who, victim, sizeof victim);
    snprintf(key, sizeof key, "%s %s %d %u %d %.400s", who, victim, st->op, st->nth, st->every,
             st->glob);
    line = rota_map_get(&p->pool, &p->losses, key);
    if (line != ROTA_MAP_NONE)
        return ROTA_TOKEN_FAIL(&p->lexer, action,
                               "line %u already makes this request lose its connection", line);
    rota_map_put(&p->pool, &p->losses, key, st->line);
    return true;
}

static bool read_on(struct rota_parser *p)
{
    struct rota_statement *st = rota_parser_add_line(p, ROTA_STATEMENT_ON);
    const struct rota_token *action;

    st->nth = 1;
    if (!rota_parser_take_who(p, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS,
                              "a process that sends requests", &st->who) ||
        !take_match(p, st))
        return false;
    action = rota_parser_peek(p);
    if (!rota_parser_take_action(p, &st->action))
        return false;
    if (!st->before && st->action.kind == ROTA_SCRIPT_CONNLOSS &&
        rota_who_equal(st->who, st->action.who) &&
        st->action.fault != ROTA_CONNECTION_FAULT_APPLIED)
        return ROTA_TOKEN_FAIL(
            &p->lexer, action + 2,
            "this contradicts \"after\": the request was applied; use \"applied\"");
    return check_losses(p, st, action);
}

/* until CONDITION within D · expect CONDITION [within D] · never CONDITION */
static bool read_condition(struct rota_parser *p, enum rota_statement_kind kind)
{
    struct rota_statement *st = rota_parser_add_line(p, kind);
    const struct rota_token *word;

    if (!rota_parser_take_condition(p, kind != ROTA_STATEMENT_NEVER, &st->condition))
        return false;
    if (kind == ROTA_STATEMENT_NEVER)
        return true;
    if (rota_parser_accept(p, "within"))
        return rota_parser_take_span(p, "a duration", &st->span);
    word = rota_parser_peek(p);
    if (word != NULL)
        return rota_lexer_unknown(&p->lexer, word->column, word->width, word->text,
                                  "the word \"within\"", (const char *const[]){"within", NULL});
    return kind == ROTA_STATEMENT_EXPECT || rota_parser_missing(p, "\"within\" and a duration");
}

/* ---- lines ---- */

enum {
#define X(name, word, syntax, meaning, example) LINE_##name,
    ROTA_STATEMENT_MAP(X)
#undef X
};

static bool read_kind(struct rota_parser *p, int word)
{
    switch (word) {
    case LINE_SCENARIO:
        return rota_parser_read_title(p);
    case LINE_LABELS:
        return rota_parser_read_labels(p);
    case LINE_SEED:
        return rota_parser_read_seed(p);
    case LINE_PROTOCOL:
        return rota_parser_read_protocol(p);
    case LINE_CLUSTER:
        return rota_parser_read_cluster(p);
    case LINE_TAGS:
        return rota_parser_read_tags(p);
    case LINE_AT:
        return read_timed(p, ROTA_STATEMENT_AT);
    case LINE_AFTER:
        return read_timed(p, ROTA_STATEMENT_AFTER);
    case LINE_ON:
        return read_on(p);
    case LINE_UNTIL:
        return read_condition(p, ROTA_STATEMENT_UNTIL);
    case LINE_EXPECT:
        return read_condition(p, ROTA_STATEMENT_EXPECT);
    case LINE_ALWAYS:
        return rota_parser_read_invariants(p, false);
    case LINE_NEVER:
        return read_condition(p, ROTA_STATEMENT_NEVER);
    case LINE_WITHOUT:
        return rota_parser_read_invariants(p, true);
    case LINE_SOMETIMES:
        return read_mark(p);
    case LINE_STEP:
        return rota_parser_read_step(p);
    case LINE_PERMUTE:
        return rota_parser_read_permute(p);
    case LINE_TRACE:
        rota_parser_add_line(p, ROTA_STATEMENT_TRACE);
        return true;
    default: /* `zk` without a session; with one, the line is not cut into words */
        return rota_parser_missing(p, "the name of a session, such as z1:,");
    }
}

/* A statement begins with a word of its own, or with an action. */
static bool unknown_statement(struct rota_parser *p, const struct rota_token *word)
{
    const char *candidates[128];
    uint32_t count = 0;

    for (const struct rota_keyword *e = rota_keywords(ROTA_KEYWORD_STATEMENT); e->word != NULL; e++)
        candidates[count++] = e->word;
    for (const struct rota_keyword *e = rota_keywords(ROTA_KEYWORD_ACTION); e->word != NULL; e++)
        candidates[count++] = e->word;
    candidates[count] = NULL;
    return rota_lexer_unknown(&p->lexer, word->column, word->width, word->text, "a statement",
                              candidates);
}

static bool read_statement(struct rota_parser *p)
{
    const struct rota_token *first = rota_parser_peek(p);
    int word = rota_keyword_find(ROTA_KEYWORD_STATEMENT, first->text);

    if (word == LINE_CLUSTER || word == LINE_TAGS || word == LINE_PROTOCOL || word == LINE_ALWAYS ||
        word == LINE_WITHOUT)
        p->s->world_line = p->lexer.line;
    if (word >= 0) {
        p->at = 1;
        return read_kind(p, word);
    }
    if (rota_keyword_find(ROTA_KEYWORD_ACTION, first->text) < 0)
        return unknown_statement(p, first);
    return rota_parser_take_action(p, &rota_parser_add_line(p, ROTA_STATEMENT_NOW)->action);
}

static bool read_line(struct rota_parser *p, uint32_t line, const char *source, size_t length)
{
    p->at = 0;
    if (!rota_lexer_read(&p->lexer, line, source, length))
        return false;
    if (p->lexer.count == 0)
        return true;
    return read_statement(p) && rota_parser_end(p);
}

/* The second line `----` may be missing at the end of the file. */
static void read_trace(struct rota_parser *p, uint32_t *line, const char *bytes, size_t length,
                       size_t *at)
{
    struct rota_statement *st = &p->s->statements[p->s->count - 1];
    struct rota_block block = rota_block_read(line, bytes, length, at);

    st->expected = block.text;
    st->block = block.there ? block.line - 1 : block.line + 1;
    st->block_end = *line + 1;
}

static bool read_lines(struct rota_parser *p, const char *bytes, size_t length)
{
    uint32_t line = 0;

    for (size_t at = 0; at < length;) {
        size_t n = rota_line_length(bytes, length, at);
        uint32_t count = p->s->count;

        line++;
        if (rota_zkstatement_begins(bytes + at, n)) {
            p->has_zk = true;
            if (!rota_zkstatement_read(rota_parser_add(p), &p->lexer, &line, bytes, length, &at))
                return false;
            continue;
        }
        if (!read_line(p, line, bytes + at, n))
            return false;
        at = rota_line_next(bytes, length, at);
        if (p->s->count > count && p->s->statements[count].kind == ROTA_STATEMENT_TRACE)
            read_trace(p, &line, bytes, length, &at);
    }
    p->lexer.line = line > 0 ? line : 1;
    p->lexer.source = NULL;
    if (p->s->title == NULL)
        return rota_lexer_fail(&p->lexer, 1, 1,
                               length == 0 ? "the file is empty"
                                           : "the file has no line: scenario \"TITLE\"");
    for (uint32_t i = 0; i < p->s->count; i++)
        p->s->cluster.operators += rota_script_action_needs_operator(&p->s->statements[i].action);
    return rota_parser_check_names(p) && rota_parser_resolve_steps(p);
}

static bool read_bytes(struct rota_parser *p, const char *bytes, size_t length)
{
    p->lexer.line = 1;
    if (length > FILE_MAX)
        return rota_lexer_fail(&p->lexer, 1, 1, "a scenario has at most %d MiB", FILE_MAX >> 20);
    return rota_lexer_check_text(&p->lexer, bytes, length) && read_lines(p, bytes, length);
}

/* The defaults of docs/SCENARIOS.md. */
static void set_defaults(struct rota_scenario *s)
{
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
}

bool rota_scenario_read(struct rota_scenario *s, const char *file, const char *bytes, size_t length,
                        struct rota_scenario_error *error)
{
    struct rota_parser *p = rota_memory_zeroed(1, sizeof *p);
    bool right;

    p->s = s;
    p->lexer.file = file;
    p->lexer.error = error;
    rota_pool_init(&p->pool);
    memset(s, 0, sizeof *s);
    s->file = rota_memory_text(file);
    set_defaults(s);
    right = read_bytes(p, bytes, length);
    rota_lexer_close(&p->lexer);
    rota_pool_close(&p->pool);
    free(p->forward_names);
    free(p);
    if (!right)
        rota_scenario_close(s);
    return right;
}

/* ---- files ---- */

static bool file_fail(struct rota_scenario_error *error, const char *file, const char *sentence,
                      const char *reason)
{
    error->line = 0;
    error->column = 0;
    snprintf(error->text, sizeof error->text, "%.200s: %s%s", file, sentence, reason);
    return false;
}

bool rota_scenario_load(struct rota_scenario *s, const char *file,
                        struct rota_scenario_error *error)
{
    FILE *f = fopen(file, "rb");
    char *bytes;
    size_t length;
    bool right;

    if (f == NULL)
        return file_fail(error, file, "this file cannot be opened: ", strerror(errno));
    bytes = rota_memory_grow(NULL, READ_MAX + 1);
    length = fread(bytes, 1, READ_MAX + 1, f);
    if (ferror(f))
        right = file_fail(error, file, "this file cannot be read: ", strerror(errno));
    else if (length > READ_MAX)
        right = file_fail(error, file, "this file is larger than 16 MiB", "");
    else
        right = rota_scenario_read(s, file, bytes, length, error);
    free(bytes);
    fclose(f);
    return right;
}
