/* A scenario file while it is read: the current line, the words taken from it, and errors that
 * point at them. A function that returns false, NULL or a negative number has filled the error. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSER_H
#define ROTA_HARNESS_LANGUAGE_PARSER_H

#include "harness/language/lexer.h"
#include "harness/language/scenario.h"
#include "model/base/map.h"
#include "model/base/pool.h"

enum {
    ROTA_PROCESSES_MAX = 1000, /* masters, workers or clients of a cluster */
    ROTA_TASKS_MAX = 1000000,  /* tasks of a submit */
    ROTA_NUMBERED_MAX = 50000000,
    ROTA_NAME_MAX = 200, /* bytes of a task's name */
};

/* A part of a word, as an error marks it. */
struct rota_word_part {
    const char *text;
    size_t length;
    uint32_t column;
};

/* A name that a later line may make (names.h). */
struct rota_forward_name {
    uint32_t statement;
    uint32_t word;     /* of its line */
    bool all;          /* the word `all` is right, too */
    uint32_t operator; /* the number of an operator; 0: the name is that of a task */
};

struct rota_parser {
    struct rota_scenario *s;
    struct rota_lexer lexer;
    uint32_t at;         /* the next word */
    bool has_used_names; /* a process was named: the cluster cannot change any more */
    bool has_zk;         /* a zkCli session is used, which may make tasks too */
    bool submitted;      /* there is a submit above */
    uint32_t keys;       /* settings that were given, as bits */
    /* Processes that statements above start, by number: masters, workers, clients. */
    bool started[3][ROTA_PROCESSES_MAX + 1];
    struct rota_pool pool;
    struct rota_map ids;    /* of submits -> how many tasks */
    struct rota_map steps;  /* -> index of the statement */
    struct rota_map losses; /* the requests that lose their connection -> line */
    struct rota_forward_name *forward_names;
    uint32_t forward_name_count;
    uint32_t forward_name_capacity;
    bool always[ROTA_INVARIANTS];
};

/* The next word of the line, NULL at its end, which is no error. */
const struct rota_token *rota_parser_peek(const struct rota_parser *p);

/* Whether the word, which may be NULL, is this one and not quoted. */
bool rota_token_is(const struct rota_token *word, const char *text);

/* Takes the next word if it is this one. False is no error. */
bool rota_parser_accept(struct rota_parser *p, const char *text);

/* "WHAT is missing here", after the last word. Returns false. */
bool rota_parser_missing(struct rota_parser *p, const char *what);

/* Takes the next word, whatever it is. At the end of the line `what` is missing. */
const struct rota_token *rota_parser_take(struct rota_parser *p, const char *what);

/* "WORD is not WHAT", with the nearest word of the kind. Returns false. */
bool rota_parser_unknown(struct rota_parser *p, struct rota_word_part part, const char *what,
                         enum rota_keyword_kind kind);

/* Takes a word of that kind. Returns its place in the list of the kind. */
int rota_parser_take_of(struct rota_parser *p, const char *what, enum rota_keyword_kind kind);

/* Takes one word of a list, which ends with NULL. Returns its place in the list. */
int rota_parser_take_one(struct rota_parser *p, const char *what, const char *const *list);

/* Whether the line is at its end. */
bool rota_parser_end(struct rota_parser *p);

/* Takes KEY=VALUE, where KEY is of that kind. Returns the place of KEY in the list of the kind. */
int rota_parser_take_key(struct rota_parser *p, const char *what, enum rota_keyword_kind kind,
                         struct rota_word_part *value);

/* Takes a duration; at the end of the line `what` is missing. */
bool rota_parser_take_span(struct rota_parser *p, const char *what, rota_span *span);

/* The whole word. */
struct rota_word_part rota_word_whole(const struct rota_token *word);

/* "PART WHAT". Returns false. */
bool rota_word_fail(struct rota_parser *p, struct rota_word_part part, const char *what);

/* A number from `min` to `max`. */
bool rota_word_number(struct rota_parser *p, struct rota_word_part part, uint64_t min, uint64_t max,
                      uint64_t *number);
bool rota_word_count(struct rota_parser *p, struct rota_word_part part, uint32_t min, uint32_t max,
                     uint32_t *count);

/* A number from -`max` to `max`. */
bool rota_word_signed(struct rota_parser *p, struct rota_word_part part, int32_t max,
                      int32_t *number);

/* A duration; a range of durations, of which one alone is both ends; a percentage. */
bool rota_word_span(struct rota_parser *p, struct rota_word_part part, rota_span *span);
bool rota_word_range(struct rota_parser *p, struct rota_word_part part, rota_span *min,
                     rota_span *max);
bool rota_word_percent(struct rota_parser *p, struct rota_word_part part, uint32_t *percent);

/* Adds a zeroed statement; with a kind one of the current line. Borrowed until the next one is
 * added. */
struct rota_statement *rota_parser_add(struct rota_parser *p);
struct rota_statement *rota_parser_add_line(struct rota_parser *p, enum rota_statement_kind kind);

/* Makes the line of an earlier statement the current one, so that an error can point at it. */
bool rota_parser_read_again(struct rota_parser *p, const struct rota_statement *st);

#endif
