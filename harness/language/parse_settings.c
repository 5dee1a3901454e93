#include "harness/language/parse_settings.h"

#include <stdio.h>
#include <string.h>

#include "harness/language/parse_who.h"
#include "harness/language/protocol.h"
#include "model/tree/spec.h"
#include "system/memory.h"

enum {
    SERVERS_MAX = 9,
    TAGS_MAX = 512, /* bytes, with commas and end */
};

#define HOUR INT64_C(3600000000)

bool rota_parser_read_title(struct rota_parser *p)
{
    const struct rota_token *word = rota_parser_take(p, "the title");

    if (word == NULL)
        return false;
    if (!word->quoted)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "a title must be in quotation marks");
    if (p->s->title != NULL)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "a file has only one title");
    p->s->title = rota_memory_text(word->text);
    return true;
}

bool rota_parser_read_labels(struct rota_parser *p)
{
    struct rota_scenario *s = p->s;

    if (rota_parser_peek(p) == NULL)
        return rota_parser_missing(p, "a label");
    while (rota_parser_peek(p) != NULL) {
        s->labels =
            rota_memory_extend(s->labels, s->label_count, &s->label_capacity, sizeof *s->labels);
        s->labels[s->label_count++] = rota_memory_text(rota_parser_take(p, "a label")->text);
    }
    return true;
}

/* A setting can be given only once. */
static bool check_once(struct rota_parser *p, uint32_t bit)
{
    if ((p->keys & 1u << bit) != 0)
        return ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[p->at - 1], "this is set twice");
    p->keys |= 1u << bit;
    return true;
}

enum {
#define X(name, word, syntax, meaning, example) CLUSTER_##name,
    ROTA_CLUSTER_MAP(X)
#undef X
        KEY_SEED,
    KEY_PROTOCOL,
};

bool rota_parser_read_seed(struct rota_parser *p)
{
    const struct rota_token *word;

    if (!check_once(p, KEY_SEED))
        return false;
    word = rota_parser_take(p, "a number");
    return word != NULL && rota_word_number(p, rota_word_whole(word), 0, UINT64_MAX, &p->s->seed);
}

bool rota_parser_read_protocol(struct rota_parser *p)
{
    const char *names[32];
    uint32_t count = 0;
    int i;

    for (; rota_protocol_at(count) != NULL && count < 31; count++)
        names[count] = rota_protocol_at(count)->name;
    names[count] = NULL;
    if (!check_once(p, KEY_PROTOCOL))
        return false;
    i = rota_parser_take_one(p, "the name of a protocol", names);
    if (i < 0)
        return false;
    p->s->protocol = (uint32_t)i;
    for (i = 0; rota_protocol_at(p->s->protocol)->judge != NULL && i < ROTA_INVARIANTS; i++)
        p->s->without[i] = true; /* the protocol has invariants of its own */
    return true;
}

static bool read_time(struct rota_parser *p, struct rota_word_part value, rota_span min,
                      rota_span *span)
{
    if (!rota_word_span(p, value, span))
        return false;
    return (*span >= min && *span <= HOUR) ||
           rota_word_fail(p, value, min == 0 ? "is longer than 1h" : "is not from 10ms to 1h");
}

static bool read_key(struct rota_parser *p)
{
    struct rota_cluster *c = &p->s->cluster;
    struct rota_word_part value;
    int key = rota_parser_take_key(p, "a setting of the cluster, such as masters=2",
                                   ROTA_KEYWORD_CLUSTER, &value);

    if (key < 0 || !check_once(p, (uint32_t)key))
        return false;
    switch (key) {
    case CLUSTER_MASTERS:
        return rota_word_count(p, value, 0, ROTA_PROCESSES_MAX, &c->masters);
    case CLUSTER_WORKERS:
        return rota_word_count(p, value, 0, ROTA_PROCESSES_MAX, &c->workers);
    case CLUSTER_CLIENTS:
        return rota_word_count(p, value, 0, ROTA_PROCESSES_MAX, &c->clients);
    case CLUSTER_SERVERS:
        return rota_word_count(p, value, 1, SERVERS_MAX, &c->servers);
    case CLUSTER_SLOTS:
        return rota_word_count(p, value, 1, ROTA_PROCESSES_MAX, &c->slots);
    case CLUSTER_RETRIES:
        return rota_word_count(p, value, 0, 1000000, &c->retries);
    case CLUSTER_LOSSES:
        return rota_word_count(p, value, 1, 1000000, &c->losses);
    case CLUSTER_SESSION:
        return read_time(p, value, 10000, &c->session);
    case CLUSTER_TICK:
        return read_time(p, value, 10000, &c->tick);
    case CLUSTER_LATENCY:
        return read_time(p, value, 0, &c->latency);
    case CLUSTER_LAG:
        return read_time(p, value, 0, &c->lag);
    case CLUSTER_COUNTER:
        return rota_word_count(p, value, 0, INT32_MAX, &c->counter);
    case CLUSTER_SYNC:
        c->quorum_sync = strcmp(value.text, "quorum") == 0;
        return c->quorum_sync || strcmp(value.text, "leader") == 0 ||
               rota_word_fail(p, value, "is neither \"leader\" nor \"quorum\"");
    default:
        return read_time(p, value, 0, &c->backoff);
    }
}

static bool take_tag(struct rota_parser *p, char *tags, size_t size)
{
    const struct rota_token *word = rota_parser_take(p, "a tag");
    size_t used = strlen(tags);

    if (word == NULL)
        return false;
    if (rota_spec_tag_wrong(word->text) != NULL)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "\"%.40s\" cannot be a tag: %s", word->text,
                               rota_spec_tag_wrong(word->text));
    if (used + strlen(word->text) + 2 > size)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "these are too many tags for a worker");
    snprintf(tags + used, size - used, "%s%s", used > 0 ? "," : "", word->text);
    return true;
}

/* tags WORKER TAG... */
bool rota_parser_read_tags(struct rota_parser *p)
{
    char tags[TAGS_MAX] = "";
    struct rota_scenario *s = p->s;
    struct rota_who who;

    if (!rota_parser_take_who(p, 1u << ROTA_WHO_WORKER, "a worker", &who))
        return false;
    if (p->started[1][who.number])
        return ROTA_TOKEN_FAIL(
            &p->lexer, &p->lexer.tokens[0],
            "the tags of a worker must stand before the statement that starts it");
    if (rota_scenario_tags(s, who.number)[0] != '\0')
        return ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[0], "this is set twice");
    do {
        if (!take_tag(p, tags, sizeof tags))
            return false;
    } while (rota_parser_peek(p) != NULL);
    s->worker_tags = rota_memory_extend(s->worker_tags, s->worker_tags_count,
                                        &s->worker_tags_capacity, sizeof *s->worker_tags);
    s->worker_tags[s->worker_tags_count++] =
        (struct rota_worker_tags){who.number, rota_memory_text(tags)};
    return true;
}

bool rota_parser_read_cluster(struct rota_parser *p)
{
    if (p->has_used_names)
        return ROTA_TOKEN_FAIL(
            &p->lexer, &p->lexer.tokens[0],
            "the cluster must stand before the first statement that names a process");
    if (rota_parser_peek(p) == NULL)
        return rota_parser_missing(p, "a setting of the cluster, such as masters=2,");
    while (rota_parser_peek(p) != NULL)
        if (!read_key(p))
            return false;
    return true;
}

/* always INVARIANT... [without INVARIANT...] · without INVARIANT... */
bool rota_parser_read_invariants(struct rota_parser *p, bool without)
{
    bool named = false;

    for (; !named || rota_parser_peek(p) != NULL; named = true) {
        int i;

        if (!without && rota_parser_accept(p, "without"))
            without = true;
        i = rota_parser_take_of(p, "the name of an invariant", ROTA_KEYWORD_INVARIANT);
        if (i < 0)
            return false;
        if (without ? p->always[i] : p->s->without[i])
            return ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[p->at - 1],
                                   "this contradicts \"%s\" above", without ? "always" : "without");
        p->s->without[i] = without;
        p->always[i] = !without;
    }
    return true;
}
