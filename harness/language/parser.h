/* A scenario file being read: the line under work, the words taken from it, the errors that point
 * at them. Whatever cannot be read fills the error and makes the answer false. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSER_H
#define ROTA_HARNESS_LANGUAGE_PARSER_H

#include "harness/language/lexer.h"
#include "model/base/map.h"
#include "model/base/pool.h"

enum {
    ROTA_PROCESSES_MOST = 1000, /* masters, workers or clients of a cluster */
    ROTA_TASKS_MOST = 1000000,  /* tasks of a submit */
    ROTA_NUMBERED_MOST = 50000000,
    ROTA_NAME_MOST = 200, /* bytes of a task's name */
};

/* A part of a word, as an error marks it. */
struct rota_part {
    const char *text;
    size_t length;
    uint32_t column;
};

/* A name that only what stands below may make: what lies in wait may have it. */
struct rota_forward_name {
    uint32_t statement;
    uint32_t word;     /* of its line */
    bool all;          /* it may be that word too */
    uint32_t operator; /* it is that of this operator; 0: of a task */
};

struct rota_parser {
    struct rota_scenario *s;
    struct rota_lexer w;
    uint32_t at;       /* the next word */
    uint32_t capacity; /* of s->statements */
    bool who_used;     /* a name was used: the cluster is settled */
    bool typed;        /* a zkCli session was seen: it may make tasks too */
    bool submitted;    /* a submit stands above */
    uint32_t keys;     /* of the cluster that were given, as bits */
    /* Who is started above, by name: masters, workers, clients. */
    bool started[3][ROTA_PROCESSES_MOST + 1];
    struct rota_pool pool;
    struct rota_map ids;    /* of submits -> how many tasks */
    struct rota_map steps;  /* -> index of the statement */
    struct rota_map losses; /* of connections, by what sets them off -> line */
    struct rota_forward_name *aheads;
    uint32_t ahead_count;
    bool always[ROTA_INVARIANTS];
};

/* The next word of the line, NULL at its end. */
const struct rota_token *rota_parser_peek(const struct rota_parser *r);

/* Whether the word is this one, not quoted. NULL is none. */
bool rota_token_is(const struct rota_token *word, const char *text);

/* Takes the next word if it is this one. */
bool rota_parser_accept(struct rota_parser *r, const char *text);

/* "WHAT is missing here", behind the last word. Returns false. */
bool rota_parser_missing(struct rota_parser *r, const char *what);

/* Takes the next word, whatever it is; NULL if there is none: then `what` is missing. */
const struct rota_token *rota_parser_take(struct rota_parser *r, const char *what);

/* "WORD is not WHAT", with the nearest word of the kind. Returns false. */
bool rota_parser_unknown(struct rota_parser *r, struct rota_part part, const char *what,
                         enum rota_keyword_kind lexis);

/* Takes a word of that kind: its place in the list, or -1 with the error filled. */
int rota_parser_take_of(struct rota_parser *r, const char *what, enum rota_keyword_kind lexis);

/* Takes one word of a few; the list ends with NULL. -1 with the error filled. */
int rota_parser_take_one(struct rota_parser *r, const char *what, const char *const *list);

/* Whether the line is at its end. */
bool rota_parser_end(struct rota_parser *r);

/* Takes KEY=VALUE, where KEY is of that kind: its place in the list, or -1 with the error filled.
 */
int rota_parser_take_key(struct rota_parser *r, const char *what, enum rota_keyword_kind lexis,
                         struct rota_part *value);

/* The whole word. */
struct rota_part rota_part_whole(const struct rota_token *word);

/* "PART WHAT". Returns false. */
bool rota_part_fail(struct rota_parser *r, struct rota_part p, const char *what);

/* A number from `least` to `most`. */
bool rota_part_number(struct rota_parser *r, struct rota_part p, uint64_t least, uint64_t most,
                      uint64_t *number);
bool rota_part_count(struct rota_parser *r, struct rota_part p, uint32_t least, uint32_t most,
                     uint32_t *count);

/* A whole number with or without a sign, of at most `most` either way. */
bool rota_part_signed(struct rota_parser *r, struct rota_part p, int32_t most, int32_t *number);

/* D */
bool rota_part_span(struct rota_parser *r, struct rota_part p, rota_span *span);

/* D or D..D */
bool rota_part_range(struct rota_parser *r, struct rota_part p, rota_span *least, rota_span *most);

/* P% */
bool rota_part_percent(struct rota_parser *r, struct rota_part p, uint32_t *percent);

/* Takes a duration; `what` is missing without one. */
bool rota_parser_take_span(struct rota_parser *r, const char *what, rota_span *span);

/* Kinds of WHO, as sets of bits. */
enum {
    ROTA_WHOS_MASTERS = 1u << ROTA_WHO_MASTER | 1u << ROTA_WHO_LEADER | 1u << ROTA_WHO_STANDBY,
    ROTA_WHOS_WORKERS = 1u << ROTA_WHO_WORKER | 1u << ROTA_WHO_ANY_WORKER,
    ROTA_WHOS_CLIENTS = 1u << ROTA_WHO_CLIENT,
    ROTA_WHOS_SERVERS = 1u << ROTA_WHO_SERVER,
    ROTA_WHOS_ALL = 1u << ROTA_WHO_ALL,
    ROTA_WHOS_PROCESSES = ROTA_WHOS_MASTERS | ROTA_WHOS_WORKERS | ROTA_WHOS_CLIENTS | ROTA_WHOS_ALL,
    ROTA_WHOS_OPERATORS = 1u << ROTA_WHO_OPERATOR,
};

/* Takes a WHO of one of the kinds in the set; `what` says which. */
bool rota_parser_take_who(struct rota_parser *r, unsigned kinds, const char *what,
                          struct rota_who *who);

/* Takes an action (phrase.c). */
bool rota_parser_take_action(struct rota_parser *r, struct rota_script_action *d);

/* Whether a submit above makes this task (mention.c). */
bool rota_parser_knows_task(const struct rota_parser *r, const char *name);

/* Takes a task's name that a submit above makes; with `all` also that word. In what lies in wait a
 * submit below will do. The name is the caller's (mention.c). */
bool rota_parser_take_task(struct rota_parser *r, bool all, char **name);

/* The last word names a task, or with `all` any, or an operator unless 0, that the file may make
 * below: it is looked up at the end (mention.c). */
void rota_parser_put_off(struct rota_parser *r, bool all, uint32_t operator);

/* At the end of the file: whether all that was put off is there, and each `id` is one of its own
 * (mention.c). */
bool rota_parser_settle(struct rota_parser *r);

/* Takes a condition (demand.c). With `awaited` it must be one that can become true. */
bool rota_parser_take_condition(struct rota_parser *r, bool awaited, struct rota_condition *c);

#endif
