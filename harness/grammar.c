#include "harness/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/word.h"
#include "harness/zkstatement.h"
#include "model/assert.h"
#include "model/backend.h"

enum {
    PROCESSES_MOST = 1000, /* masters, workers or clients of a cluster */
    SERVERS_MOST = 9,
    TASKS_MOST = 1000000, /* tasks of a submit */
};

/* One reading: the line under work and what was read so far. */
struct reading {
    struct rota_scenario *s;
    struct rota_words w;
    uint32_t at;       /* the next word */
    uint32_t capacity; /* of s->statements */
    uint32_t numbered; /* tasks without an id so far: t1 to this */
    bool who_used;     /* a name was used: the cluster is settled */
};

static const char *const invariants[] = {
#define X(name, word) word,
    ROTA_INVARIANT_MAP(X)
#undef X
        NULL,
};

static char *copy_text(const char *text)
{
    return rota_copy(text, strlen(text));
}

/* ---- words ---- */

static const struct rota_word *peek(const struct reading *r)
{
    return r->at < r->w.count ? &r->w.words[r->at] : NULL;
}

static bool is_word(const struct rota_word *word, const char *text)
{
    return word != NULL && !word->quoted && strcmp(word->text, text) == 0;
}

/* Takes the word if it is this one. */
static bool accept(struct reading *r, const char *text)
{
    if (!is_word(peek(r), text))
        return false;
    r->at++;
    return true;
}

/* Fails behind the last word: something is missing there. */
static bool missing(struct reading *r, const char *what)
{
    return rota_words_fail(&r->w, r->w.useful + 2, 1, "%s is missing here", what);
}

/* Takes the next word, whatever it is. */
static const struct rota_word *take(struct reading *r, const char *what)
{
    const struct rota_word *word = peek(r);

    if (word == NULL)
        missing(r, what);
    else
        r->at++;
    return word;
}

static bool unknown(struct reading *r, const struct rota_word *word, const char *what,
                    const char *const *candidates)
{
    return rota_words_unknown(&r->w, word->column, word->width, word->text, what, candidates);
}

/* The index of a word in a list that ends with NULL, -1 if it is not in it. */
static int index_of(const char *text, const char *const *list)
{
    for (int i = 0; list[i] != NULL; i++) {
        if (strcmp(text, list[i]) == 0)
            return i;
    }
    return -1;
}

/* Takes a word of the list: its index, or -1 with the error filled. */
static int take_of(struct reading *r, const char *what, const char *const *list)
{
    const struct rota_word *word = take(r, what);
    int i;

    if (word == NULL)
        return -1;
    i = index_of(word->text, list);
    if (i < 0)
        unknown(r, word, what, list);
    return i;
}

static bool end_of_line(struct reading *r)
{
    const struct rota_word *word = peek(r);

    if (word == NULL)
        return true;
    return ROTA_WORD_FAIL(&r->w, word, "\"%.40s\" is one word too many", word->text);
}

/* ---- numbers and durations ---- */

/* A part of a word, as an error marks it. */
struct part {
    const char *text;
    size_t length;
    uint32_t column;
};

static struct part whole(const struct rota_word *word)
{
    return (struct part){word->text, strlen(word->text), word->column};
}

/* What follows the = of KEY=VALUE; the column is right as long as nothing is quoted before it. */
static struct part value_of(const struct rota_word *word)
{
    const char *value = strchr(word->text, '=') + 1;

    return (struct part){value, strlen(value), word->column + (uint32_t)(value - word->text)};
}

static bool fail_part(struct reading *r, struct part p, const char *what)
{
    return rota_words_fail(&r->w, p.column, (uint32_t)p.length, "\"%.*s\" %s",
                           p.length > 40 ? 40 : (int)p.length, p.text, what);
}

static bool read_number(struct reading *r, struct part p, uint64_t least, uint64_t most,
                        uint64_t *number)
{
    char range[80];

    if (rota_number_read(p.text, p.length, most, number) && *number >= least)
        return true;
    snprintf(range, sizeof range, "is not a number from %llu to %llu", (unsigned long long)least,
             (unsigned long long)most);
    return fail_part(r, p, range);
}

static bool read_count(struct reading *r, struct part p, uint32_t least, uint32_t most,
                       uint32_t *count)
{
    uint64_t number;

    if (!read_number(r, p, least, most, &number))
        return false;
    *count = (uint32_t)number;
    return true;
}

static bool read_span(struct reading *r, struct part p, rota_span *span)
{
    const char *wrong = rota_span_read(p.text, p.length, span);

    return wrong == NULL || fail_part(r, p, wrong);
}

/* D or D..D. */
static bool read_range(struct reading *r, struct part p, rota_span *least, rota_span *most)
{
    const char *dots = strstr(p.text, "..");
    struct part first = p;
    struct part second = p;

    if (dots == NULL) {
        if (!read_span(r, p, least))
            return false;
        *most = *least;
        return true;
    }
    first.length = (size_t)(dots - p.text);
    second.text = dots + 2;
    second.length = strlen(second.text);
    second.column = p.column + (uint32_t)first.length + 2;
    if (!read_span(r, first, least) || !read_span(r, second, most))
        return false;
    return *least <= *most || fail_part(r, p, "is a range that ends before it begins");
}

static bool read_percent(struct reading *r, struct part p, uint32_t *percent)
{
    if (p.length < 2 || p.text[p.length - 1] != '%')
        return fail_part(r, p, "is not a share such as 10%");
    p.length--;
    return read_count(r, p, 0, 100, percent);
}

static bool take_span(struct reading *r, const char *what, rota_span *span)
{
    const struct rota_word *word = take(r, what);

    return word != NULL && read_span(r, whole(word), span);
}

/* ---- who ---- */

static uint32_t number_of(const struct rota_cluster *c, enum rota_who_kind kind)
{
    switch (kind) {
    case ROTA_WHO_MASTER:
        return c->masters;
    case ROTA_WHO_WORKER:
        return c->workers;
    case ROTA_WHO_CLIENT:
        return c->clients;
    default:
        return c->servers;
    }
}

/* m1, w2, c1, s1: a letter and a number that the cluster has. */
static bool read_name(struct reading *r, const struct rota_word *word, struct rota_who *who)
{
    static const char letters[] = "mwcs";
    static const enum rota_who_kind kinds[] = {ROTA_WHO_MASTER, ROTA_WHO_WORKER, ROTA_WHO_CLIENT,
                                               ROTA_WHO_SERVER};
    static const char *const names[] = {"masters", "workers", "clients", "servers"};
    static const char *const words[] = {"leader", "standby", "any", "all",        "m1",
                                        "w1",     "c1",      "s1",  "any worker", NULL};
    const char *letter = word->text[0] == '\0' ? NULL : strchr(letters, word->text[0]);
    uint64_t number;
    uint32_t have;
    size_t i;

    if (letter == NULL ||
        !rota_number_read(word->text + 1, strlen(word->text + 1), 99999, &number) || number == 0)
        return unknown(r, word, "the name of a process", words);
    i = (size_t)(letter - letters);
    have = number_of(&r->s->cluster, kinds[i]);
    if (number > have)
        return ROTA_WORD_FAIL(&r->w, word, "there is no %.40s: the cluster has %u %s", word->text,
                              have, names[i]);
    *who = (struct rota_who){kinds[i], (uint32_t)number};
    return true;
}

static bool take_who(struct reading *r, struct rota_who *who)
{
    static const char *const sets[] = {"leader", "standby", "all", NULL};
    static const enum rota_who_kind kinds[] = {ROTA_WHO_LEADER, ROTA_WHO_STANDBY, ROTA_WHO_ALL};
    const struct rota_word *word = take(r, "the name of a process");
    int i;

    if (word == NULL)
        return false;
    r->who_used = true;
    i = index_of(word->text, sets);
    if (i >= 0) {
        *who = (struct rota_who){kinds[i], 0};
        return true;
    }
    if (!is_word(word, "any"))
        return read_name(r, word, who);
    if (!accept(r, "worker"))
        return ROTA_WORD_FAIL(&r->w, word, "\"any\" is followed by \"worker\"");
    *who = (struct rota_who){ROTA_WHO_ANY_WORKER, 0};
    return true;
}

/* A WHO of one of the kinds in the mask; `what` says which. */
static bool take_who_of(struct reading *r, unsigned kinds, const char *what, struct rota_who *who)
{
    const struct rota_word *word = peek(r);

    if (!take_who(r, who))
        return false;
    if ((kinds & 1u << who->kind) != 0)
        return true;
    return ROTA_WORD_FAIL(&r->w, word, "\"%.40s\" is not %s", word->text, what);
}

enum {
    MASTERS = 1u << ROTA_WHO_MASTER | 1u << ROTA_WHO_LEADER | 1u << ROTA_WHO_STANDBY,
    WORKERS = 1u << ROTA_WHO_WORKER | 1u << ROTA_WHO_ANY_WORKER,
    CLIENTS = 1u << ROTA_WHO_CLIENT,
    SERVERS = 1u << ROTA_WHO_SERVER,
    ALL = 1u << ROTA_WHO_ALL,
    NAMED = 1u << ROTA_WHO_MASTER | 1u << ROTA_WHO_WORKER | CLIENTS | SERVERS,
    PROCESSES = MASTERS | WORKERS | CLIENTS | ALL,
};

/* ---- deeds ---- */

static const char *const deeds[] = {
    "start", "stop",     "crash", "restart", "pause", "resume", "expire",    "disconnect",
    "heal",  "connloss", "slow",  "submit",  "lag",   "elect",  "partition", NULL,
};

/* [for D] */
static bool take_for(struct reading *r, rota_span *span)
{
    if (!accept(r, "for"))
        return true;
    return take_span(r, "a duration", span);
}

static bool take_loss(struct reading *r, struct rota_deed *d)
{
    static const char *const kinds[] = {"lost", "applied", "late", NULL};
    int kind = take_of(r, "a kind of connection loss: lost, applied or late", kinds);

    if (kind < 0)
        return false;
    d->loss = (enum rota_loss)kind;
    return d->loss != ROTA_LOSS_LATE || take_span(r, "how late", &d->span);
}

/* A task's name is one element of a path, and never ends in ten digits (S11). */
static bool check_id(struct reading *r, struct part p)
{
    size_t digits = 0;

    if (p.length == 0 || p.length > 200 || strchr(p.text, '/') != NULL ||
        strcmp(p.text, ".") == 0 || strcmp(p.text, "..") == 0 || strcmp(p.text, "all") == 0)
        return fail_part(r, p, "is not a task's name");
    while (digits < p.length && p.text[p.length - 1 - digits] >= '0' &&
           p.text[p.length - 1 - digits] <= '9')
        digits++;
    return digits < 10 || fail_part(r, p, "ends in ten digits, as sequential names do");
}

static bool take_submit_option(struct reading *r, const struct rota_word *word,
                               struct rota_submit *submit)
{
    static const char *const keys[] = {"work", "fail", "kill", "payload", "id", NULL};
    const char *equals = strchr(word->text, '=');
    char key[16];
    struct part value;

    snprintf(key, sizeof key, "%.*s", equals == NULL ? 15 : (int)(equals - word->text), word->text);
    if (equals == NULL || index_of(key, keys) < 0)
        return rota_words_unknown(&r->w, word->column, (uint32_t)strlen(key), key,
                                  "an option of submit, such as work=50ms", keys);
    value = value_of(word);
    switch (index_of(key, keys)) {
    case 0:
        return read_range(r, value, &submit->work_least, &submit->work_most);
    case 1:
        return read_percent(r, value, &submit->fail_percent);
    case 2:
        return read_percent(r, value, &submit->kill_percent);
    case 3:
        free(submit->payload);
        submit->payload = copy_text(value.text);
        return true;
    default:
        if (!check_id(r, value))
            return false;
        free(submit->id);
        submit->id = copy_text(value.text);
        return true;
    }
}

static bool take_submit(struct reading *r, struct rota_submit *submit)
{
    static const char *const units[] = {"tasks", "task", NULL};
    const struct rota_word *word = take(r, "the number of tasks");

    if (word == NULL || !read_count(r, whole(word), 1, TASKS_MOST, &submit->count) ||
        take_of(r, "the word \"tasks\"", units) < 0)
        return false;
    while ((word = peek(r)) != NULL) {
        r->at++;
        if (!take_submit_option(r, word, submit))
            return false;
    }
    if (submit->id == NULL)
        r->numbered += submit->count;
    return true;
}

/* A.. | B.. [| C..] */
static bool take_partition(struct reading *r, struct rota_deed *d)
{
    uint32_t side = 1;
    bool empty = true;

    while (peek(r) != NULL) {
        struct rota_sided one = {.side = side};

        if (!empty && accept(r, "|")) {
            side++;
            empty = true;
            continue;
        }
        if (!take_who_of(r, NAMED, "the name of one process or server", &one.who))
            return false;
        d->sided = realloc(d->sided, (d->sided_count + 1) * sizeof *d->sided);
        rota_assert(d->sided != NULL);
        d->sided[d->sided_count++] = one;
        empty = false;
    }
    return (!empty && side > 1) || missing(r, empty ? "the name of a process" : "\"|\"");
}

/* What follows the first word of a deed. */
static bool take_deed_rest(struct reading *r, struct rota_deed *d)
{
    switch (d->kind) {
    case ROTA_DEED_PAUSE:
        if (!take_who_of(r, PROCESSES | SERVERS, "a process that can pause", &d->who))
            return false;
        d->work = accept(r, "work");
        return take_for(r, &d->span);
    case ROTA_DEED_DISCONNECT:
        return take_who_of(r, PROCESSES, "a process with a connection", &d->who) &&
               take_for(r, &d->span);
    case ROTA_DEED_HEAL:
        d->who.kind = ROTA_WHO_ALL;
        return peek(r) == NULL || take_who(r, &d->who);
    case ROTA_DEED_CONNLOSS:
        return take_who_of(r, PROCESSES, "a process with a connection", &d->who) && take_loss(r, d);
    case ROTA_DEED_SLOW:
        return take_who_of(r, PROCESSES, "a process with a connection", &d->who) &&
               take_span(r, "how slow", &d->span);
    case ROTA_DEED_SUBMIT:
        return take_who_of(r, CLIENTS, "a client", &d->who) && take_submit(r, &d->submit);
    case ROTA_DEED_LAG:
        return take_who_of(r, SERVERS, "a server", &d->who) && take_span(r, "how much", &d->span);
    case ROTA_DEED_ELECT:
        return true;
    case ROTA_DEED_PARTITION:
        return take_partition(r, d);
    case ROTA_DEED_STOP:
    case ROTA_DEED_EXPIRE:
        return take_who_of(r, PROCESSES, "a process with a session", &d->who);
    default:
        return take_who_of(r, PROCESSES | SERVERS, "a process", &d->who);
    }
}

static bool take_deed(struct reading *r, struct rota_deed *d)
{
    int kind = take_of(r, "an action", deeds);

    if (kind < 0)
        return false;
    d->kind = (enum rota_deed_kind)kind;
    return take_deed_rest(r, d);
}

/* ---- conditions ---- */

static const char *const conditions[] = {
    "leader",  "leaders",  "done",   "failed",  "dead", "attempts", "executions", "refused",
    "workers", "assigned", "exists", "missing", "data", "children", "znodes",     NULL,
};

/* Whether a submit above names this task. */
static bool task_known(const struct reading *r, const char *name)
{
    uint64_t number;

    if (name[0] == 't' && name[1] != '0' &&
        rota_number_read(name + 1, strlen(name + 1), r->numbered, &number))
        return true;
    for (uint32_t i = 0; i < r->s->count; i++) {
        const struct rota_submit *submit = &r->s->statements[i].deed.submit;
        size_t length = submit->id == NULL ? 0 : strlen(submit->id);

        if (submit->id == NULL || strncmp(name, submit->id, length) != 0)
            continue;
        if (submit->count == 1 ? name[length] == '\0'
                               : name[length] == '-' && name[length + 1] != '0' &&
                                     rota_number_read(name + length + 1, strlen(name + length + 1),
                                                      submit->count, &number))
            return true;
    }
    return false;
}

static bool take_task(struct reading *r, bool all, struct rota_condition *c)
{
    const struct rota_word *word = take(r, "a task's name");

    if (word == NULL)
        return false;
    if (!(all && is_word(word, "all")) && !task_known(r, word->text))
        return ROTA_WORD_FAIL(&r->w, word, "no submit above makes a task \"%.40s\"", word->text);
    c->name = copy_text(word->text);
    return true;
}

static bool take_path(struct reading *r, struct rota_condition *c)
{
    const struct rota_word *word = take(r, "a path");

    if (word == NULL)
        return false;
    if (word->text[0] != '/')
        return ROTA_WORD_FAIL(&r->w, word, "\"%.40s\" is not a path: it does not begin with /",
                              word->text);
    c->name = copy_text(word->text);
    return true;
}

/* OP N */
static bool take_comparison(struct reading *r, struct rota_condition *c)
{
    static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">=", NULL};
    int sign = take_of(r, "a comparison: == != < <= > >=", signs);
    const struct rota_word *word;
    uint64_t number;

    if (sign < 0)
        return false;
    c->comparison = (enum rota_comparison)sign;
    word = take(r, "a number");
    if (word == NULL || !read_number(r, whole(word), 0, INT32_MAX, &number))
        return false;
    c->number = (int64_t)number;
    return true;
}

static bool take_condition(struct reading *r, struct rota_condition *c)
{
    int kind = take_of(r, "a condition", conditions);
    const struct rota_word *word;

    if (kind < 0)
        return false;
    c->kind = (enum rota_condition_kind)kind;
    switch (c->kind) {
    case ROTA_CONDITION_LEADER:
        return take_who_of(r, 1u << ROTA_WHO_MASTER, "a master", &c->who);
    case ROTA_CONDITION_DONE:
        return take_task(r, true, c);
    case ROTA_CONDITION_FAILED:
    case ROTA_CONDITION_DEAD:
        return take_task(r, false, c);
    case ROTA_CONDITION_ATTEMPTS:
    case ROTA_CONDITION_EXECUTIONS:
        return take_task(r, false, c) && take_comparison(r, c);
    case ROTA_CONDITION_REFUSED:
        return take_who_of(r, MASTERS | WORKERS | CLIENTS | ALL, "a process", &c->who) &&
               take_comparison(r, c);
    case ROTA_CONDITION_ASSIGNED:
        return take_who_of(r, 1u << ROTA_WHO_WORKER | ALL, "a worker", &c->who) &&
               take_comparison(r, c);
    case ROTA_CONDITION_EXISTS:
    case ROTA_CONDITION_MISSING:
        return take_path(r, c);
    case ROTA_CONDITION_DATA:
        if (!take_path(r, c) || (word = take(r, "the expected data")) == NULL)
            return false;
        c->text = copy_text(word->text);
        return true;
    case ROTA_CONDITION_CHILDREN:
        return take_path(r, c) && take_comparison(r, c);
    default:
        return take_comparison(r, c);
    }
}

/* ---- statements ---- */

static struct rota_statement *add(struct reading *r)
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
static struct rota_statement *append(struct reading *r)
{
    struct rota_statement *st = add(r);

    st->line = r->w.line;
    st->text = rota_copy(r->w.source, r->w.useful);
    return st;
}

static bool read_title(struct reading *r)
{
    const struct rota_word *word = take(r, "the title");

    if (word == NULL)
        return false;
    if (!word->quoted)
        return ROTA_WORD_FAIL(&r->w, word, "a title stands in quotation marks");
    if (r->s->title != NULL)
        return ROTA_WORD_FAIL(&r->w, word, "a file holds one scenario");
    r->s->title = copy_text(word->text);
    return true;
}

static bool read_labels(struct reading *r)
{
    struct rota_scenario *s = r->s;

    if (peek(r) == NULL)
        return missing(r, "a label");
    while (peek(r) != NULL) {
        s->labels = realloc(s->labels, (s->label_count + 1) * sizeof *s->labels);
        rota_assert(s->labels != NULL);
        s->labels[s->label_count++] = copy_text(take(r, "a label")->text);
    }
    return true;
}

static bool read_seed(struct reading *r)
{
    const struct rota_word *word = take(r, "a number");

    return word != NULL && read_number(r, whole(word), 0, UINT64_MAX, &r->s->seed);
}

static bool read_cluster_value(struct reading *r, int key, struct part value)
{
    struct rota_cluster *c = &r->s->cluster;
    uint32_t *counts[] = {&c->masters, &c->workers, &c->clients,
                          &c->servers, &c->slots,   &c->losses};
    rota_span *spans[] = {&c->session, &c->tick, &c->latency, &c->lag};
    rota_span least[] = {10000, 10000, 0, 0};
    uint32_t few = key == 3 || key == 4 || key == 5 ? 1 : 0;

    if (key == 10) {
        c->quorum_sync = strcmp(value.text, "quorum") == 0;
        return c->quorum_sync || strcmp(value.text, "leader") == 0 ||
               fail_part(r, value, "is neither \"leader\" nor \"quorum\"");
    }
    if (key < 6)
        return read_count(r, value, few, key == 3 ? SERVERS_MOST : PROCESSES_MOST, counts[key]);
    if (!read_span(r, value, spans[key - 6]))
        return false;
    if (*spans[key - 6] < least[key - 6] || *spans[key - 6] > INT64_C(3600000000))
        return fail_part(r, value, "is not a time that a server can work with");
    return true;
}

static bool read_cluster(struct reading *r)
{
    static const char *const keys[] = {"masters", "workers", "clients", "servers",
                                       "slots",   "losses",  "session", "tick",
                                       "latency", "lag",     "sync",    NULL};
    const struct rota_word *word;

    if (r->who_used)
        return ROTA_WORD_FAIL(&r->w, &r->w.words[0],
                              "the cluster stands before what uses its names");
    while ((word = peek(r)) != NULL) {
        const char *equals = strchr(word->text, '=');
        char key[16];
        int i;

        r->at++;
        snprintf(key, sizeof key, "%.*s", equals == NULL ? 15 : (int)(equals - word->text),
                 word->text);
        i = equals == NULL ? -1 : index_of(key, keys);
        if (i < 0)
            return rota_words_unknown(&r->w, word->column, (uint32_t)strlen(key), key,
                                      "a property of the cluster, such as masters=2", keys);
        if (!read_cluster_value(r, i, value_of(word)))
            return false;
    }
    return true;
}

/* always INVARIANT... · without INVARIANT... */
static bool read_invariants(struct reading *r, bool without)
{
    if (peek(r) == NULL)
        return missing(r, "the name of an invariant");
    while (peek(r) != NULL) {
        int i = take_of(r, "an invariant", invariants);

        if (i < 0)
            return false;
        r->s->without[i] = without;
    }
    return true;
}

static bool read_span_deed(struct reading *r, enum rota_statement_kind kind)
{
    struct rota_statement *st = append(r);

    st->kind = kind;
    return take_span(r, "a duration", &st->span) && take_deed(r, &st->deed);
}

/* before|after OP GLOB */
static bool take_match(struct reading *r, struct rota_statement *st)
{
    static const char *const when[] = {"before", "after", NULL};
    static const char *const ops[] = {"create",  "delete",   "set",   "check", "get",
                                      "exists",  "children", "multi", "sync",  "get_acl",
                                      "set_acl", "add_auth", "close", NULL};
    int i = take_of(r, "\"before\" or \"after\"", when);
    const struct rota_word *word;

    if (i < 0)
        return false;
    st->before = i == 0;
    st->op = take_of(r, "an operation", ops);
    if (st->op < 0)
        return false;
    word = take(r, "a path, or a pattern of one");
    if (word == NULL)
        return false;
    if (word->text[0] != '/' && !is_word(word, "*"))
        return ROTA_WORD_FAIL(
            &r->w, word, "\"%.40s\" is not a pattern of a path, such as /assign/*/*", word->text);
    st->glob = copy_text(word->text);
    return true;
}

static bool read_on(struct reading *r)
{
    struct rota_statement *st = append(r);
    const struct rota_word *word;

    st->kind = ROTA_STATEMENT_ON;
    st->nth = 1;
    if (!take_who_of(r, MASTERS | WORKERS | CLIENTS, "a process that sends requests", &st->who) ||
        !take_match(r, st))
        return false;
    word = peek(r);
    if (word != NULL && strncmp(word->text, "nth=", 4) == 0) {
        r->at++;
        if (!read_count(r, value_of(word), 1, INT32_MAX, &st->nth))
            return false;
    } else if (accept(r, "every")) {
        st->every = true;
    }
    word = peek(r);
    if (!take_deed(r, &st->deed))
        return false;
    if (!st->before && st->deed.kind == ROTA_DEED_CONNLOSS &&
        rota_who_same(st->who, st->deed.who) && st->deed.loss != ROTA_LOSS_APPLIED)
        return ROTA_WORD_FAIL(&r->w, word,
                              "after a request was done its connection loss is \"applied\"");
    return true;
}

/* until CONDITION within D · expect CONDITION [within D] · never CONDITION */
static bool read_condition(struct reading *r, enum rota_statement_kind kind)
{
    struct rota_statement *st = append(r);

    st->kind = kind;
    if (!take_condition(r, &st->condition))
        return false;
    if (kind == ROTA_STATEMENT_NEVER)
        return true;
    if (accept(r, "within"))
        return take_span(r, "a duration", &st->span);
    if (kind == ROTA_STATEMENT_EXPECT)
        return true;
    return peek(r) == NULL
               ? missing(r, "\"within\" and a duration")
               : unknown(r, peek(r), "the word \"within\"", (const char *const[]){"within", NULL});
}

enum word {
    WORD_SCENARIO,
    WORD_LABELS,
    WORD_CLUSTER,
    WORD_SEED,
    WORD_AT,
    WORD_AFTER,
    WORD_ON,
    WORD_UNTIL,
    WORD_EXPECT,
    WORD_NEVER,
    WORD_ALWAYS,
    WORD_WITHOUT,
    WORD_DEEDS, /* the first of the actions */
};

static bool read_statement(struct reading *r)
{
    static const char *const words[] = {
        "scenario", "labels", "cluster",   "seed",       "at",    "after",    "on",    "until",
        "expect",   "never",  "always",    "without",    "start", "stop",     "crash", "restart",
        "pause",    "resume", "expire",    "disconnect", "heal",  "connloss", "slow",  "submit",
        "lag",      "elect",  "partition", "zk",         NULL,
    };
    int word = take_of(r, "a statement", words);

    if (word == WORD_CLUSTER || word == WORD_ALWAYS || word == WORD_WITHOUT)
        r->s->world_line = r->w.line;
    switch (word) {
    case -1:
        return false;
    case WORD_SCENARIO:
        return read_title(r);
    case WORD_LABELS:
        return read_labels(r);
    case WORD_CLUSTER:
        return read_cluster(r);
    case WORD_SEED:
        return read_seed(r);
    case WORD_AT:
        return read_span_deed(r, ROTA_STATEMENT_AT);
    case WORD_AFTER:
        return read_span_deed(r, ROTA_STATEMENT_AFTER);
    case WORD_ON:
        return read_on(r);
    case WORD_UNTIL:
        return read_condition(r, ROTA_STATEMENT_UNTIL);
    case WORD_EXPECT:
        return read_condition(r, ROTA_STATEMENT_EXPECT);
    case WORD_NEVER:
        return read_condition(r, ROTA_STATEMENT_NEVER);
    case WORD_ALWAYS:
        return read_invariants(r, false);
    case WORD_WITHOUT:
        return read_invariants(r, true);
    default:
        r->at = 0;
        return take_deed(r, &append(r)->deed);
    }
}

static bool read_line(struct reading *r, uint32_t line, const char *source, size_t length)
{
    r->at = 0;
    if (!rota_words_read(&r->w, line, source, length))
        return false;
    if (r->w.count == 0)
        return true;
    return read_statement(r) && end_of_line(r);
}

static bool read_lines(struct reading *r, const char *bytes, size_t length)
{
    uint32_t line = 0;

    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t n = end == NULL ? length - at : (size_t)(end - bytes) - at;

        line++;
        if (rota_zkstatement_begins(bytes + at, n)) {
            if (!rota_zkstatement_read(add(r), &r->w, &line, bytes, length, &at))
                return false;
            continue;
        }
        if (!read_line(r, line, bytes + at, n))
            return false;
        at += n + 1;
    }
    if (r->s->title != NULL)
        return true;
    r->w.line = line;
    r->w.source = NULL;
    return rota_words_fail(&r->w, 1, 1, "the file ends without a line: scenario \"TITLE\"");
}

bool rota_scenario_read(struct rota_scenario *s, const char *file, const char *bytes, size_t length,
                        struct rota_scenario_error *error)
{
    struct reading r = {.s = s, .w = {.file = file, .error = error}};
    bool right;

    memset(s, 0, sizeof *s);
    s->file = copy_text(file);
    s->seed = 1;
    s->cluster = (struct rota_cluster){.masters = 2,
                                       .workers = 2,
                                       .clients = 1,
                                       .servers = 1,
                                       .slots = 1,
                                       .session = 10000000,
                                       .tick = 2000000,
                                       .latency = 1000,
                                       .losses = 5};
    right = read_lines(&r, bytes, length);
    rota_words_close(&r.w);
    if (!right)
        rota_scenario_close(s);
    return right;
}
