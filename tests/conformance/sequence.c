#include "tests/conformance/sequence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/seam/request_limits.h"
#include "system/memory.h"

#define DIGEST_ONE "one:lj6jV0CklO+B740yxtWS4XOn7ag="
#define DIGEST_ZOE "zo\xc3\xab:HjsiEMTsO8fWB2huhyGsqk7BI1I="
#define DIGEST_AXE "\xf0\x9f\xaa\x93:Lx+t7oZLtAlQf0dQHj31CV55KJ4="
#define DIGEST_TWO "two:KDB/2qrXaPm2X1rbcKyH8E/poXE="

/* ---- access lists and credentials ---- */

struct list {
    uint32_t count;
    struct rota_acl entries[4];
};

static const struct list lists[] = {
    {0, {{0}}}, /* no list */
    {1, {{31, "world", "anyone"}}},
    {1, {{31, "auth", ""}}},
    {2, {{1, "world", "anyone"}, {30, "auth", "whatever"}}},
    {1, {{27, "world", "anyone"}}},
    {1, {{30, "world", "anyone"}}},
    {1, {{29, "world", "anyone"}}},
    {1, {{23, "world", "anyone"}}},
    {1, {{15, "world", "anyone"}}},
    {1, {{1, "world", "anyone"}}},
    {1, {{0, "world", "anyone"}}},
    {1, {{63, "world", "anyone"}}},
    {1, {{UINT32_MAX, "world", "anyone"}}},
    {1, {{UINT32_C(1) << 31, "world", "anyone"}}},
    {1, {{31, "digest", DIGEST_ONE}}},
    {1, {{31, "digest", DIGEST_ZOE}}},
    {2, {{13, "digest", DIGEST_ONE}, {19, "digest", DIGEST_TWO}}},
    {2, {{31, "digest", "nobody:x"}, {16, "world", "anyone"}}},
    {3, {{31, "ip", "127.0.0.1"}, {31, "ip", "127.0.0.1"}, {1, "world", "anyone"}}},
    {1, {{31, "ip", "127.1.2.3/8"}}},
    {1, {{31, "ip", "127.0.0.0/31"}}},
    {1, {{31, "ip", "127.0.0.3/31"}}},
    {1, {{31, "ip", "10.0.0.1"}}},
    {1, {{31, "ip", "0.0.0.0/0"}}},
    {2, {{31, "digest", "caf\xc3\xa9:\xe6\x97\xa5"}, {19, "digest", "\xff\xc3:\xe2\x82"}}},
    {2, {{31, "digest", DIGEST_AXE}, {1, "digest", "\xf0\x9f\x98\x80:\xf4\x8f\xbf\xbf"}}},
    {2, {{31, "auth", ""}, {31, "ip", "127.0.0.1/32"}}},
    {4,
     {{1, "digest", DIGEST_TWO},
      {31, "auth", ""},
      {1, "digest", DIGEST_TWO},
      {2, "ip", "1.1.1.1"}}},
    /* from here on, most lists are refused; some are just valid */
    {0, {{0, "empty", ""}}},
    {1, {{31, "world", "nobody"}}},
    {1, {{31, "world", ""}}},
    {1, {{31, "digest", "nocolon"}}},
    {1, {{31, "digest", "a:b:c"}}},
    {1, {{31, "digest", "a:b:"}}},
    {1, {{31, "digest", "a:"}}},
    {1, {{31, "digest", ":b"}}},
    {1, {{31, "digest", ""}}},
    {1, {{31, "ip", "127.0.0.1/33"}}},
    {1, {{31, "ip", "127.0.0.256"}}},
    {1, {{31, "ip", "127.0.0"}}},
    {1, {{31, "ip", "127.0.0.1/"}}},
    {1, {{31, "ip", "127.0.0.1/x"}}},
    {1, {{31, "ip", "127.0.0.1/-1"}}},
    {1, {{31, "ip", "+127.0.0.01"}}},
    {1, {{31, "ip", "::1"}}},
    {1, {{31, "ip", ""}}},
    {1, {{31, "nobody", "knows"}}},
    {1, {{31, "", ""}}},
    {1, {{31, "super", "x"}}},
    {1, {{31, "sasl", "x"}}},
    {2, {{31, "world", "anyone"}, {31, "nobody", "knows"}}},
    {2, {{31, "world", "anyone"}, {31, "world", "anyone"}}},
    {2, {{31, "world", "anyone"}, {1, "world", "anyone"}}},
    {1, {{31, "World", "anyone"}}},
    {1, {{31, "world", "anyone "}}},
    {1, {{31, "x509", "CN=x"}}},
    {1, {{31, "host", "localhost"}}},
    {1, {{31, "ip", "127.0.0.1/8"}}},
    {1, {{31, "ip", "127.0.0.1/32 "}}},
    {1, {{31, "ip", " 127.0.0.1"}}},
    {1, {{31, "ip", "127.0.0.1/0x8"}}},
    {1, {{31, "ip", "127.0.0.1/08"}}},
    {1, {{31, "ip", "127.0.0.1//8"}}},
    {1, {{31, "ip", "127.0.0.1/8/8"}}},
    {1, {{31, "ip", "localhost"}}},
    {1, {{31, "digest", "a::b"}}},
    {1, {{31, "digest", "::"}}},
    {1, {{31, "digest", " : "}}},
    {1, {{31, "auth", "a:b:c"}}},
};

uint32_t sequence_acl_count(void)
{
    return sizeof lists / sizeof *lists;
}

const struct rota_acl *sequence_acl(uint32_t i, uint32_t *count)
{
    *count = lists[i].count;
    return i == 0 ? NULL : lists[i].entries;
}

/* There are many, so that the set of a connection's identities grows. */
#define USER(name)                                                                                 \
    {                                                                                              \
        "digest", {name ":p", sizeof name + 1}, false                                              \
    }

static const struct credentials all_credentials[] = {
    USER("ada"),
    USER("bob"),
    USER("cyd"),
    USER("dan"),
    USER("eva"),
    USER("fay"),
    USER("gus"),
    USER("hal"),
    USER("ida"),
    USER("jim"),
    USER("kay"),
    USER("leo"),
    USER("mia"),
    USER("ned"),
    USER("zo\xc3\xab"),
    USER("\xe6\x97\xa5\xe6\x9c\xac"),
    USER("\xf0\x9f\xaa\x93"),
    {"digest", {"ann:\xc3\xa9", 6}, false},
    {"digest", {"ann:\xff\xe2\x82", 7}, false},
    {"digest", {"\xc3:\xed\xa0\x80p", 6}, false},
    {"digest", {"one:1", 5}, false},
    {"digest", {"two:2", 5}, false},
    {"digest", {"one:bad", 7}, false},
    {"digest", {"a:b:c", 5}, false},
    {"digest", {":", 1}, false},
    {"digest", {"nocolon", 7}, false},
    {"digest", {NULL, -1}, false},
    {"ip", {"", 0}, false},
    {"ip", {"10.0.0.1", 8}, false},
    {"nobody", {"knows", 5}, true},
    {"world", {"anyone", 6}, true},
    {"auth", {"", 0}, true},
    {"super", {"x:y", 3}, true},
};

uint32_t sequence_credentials_count(void)
{
    return sizeof all_credentials / sizeof *all_credentials;
}

const struct credentials *sequence_credentials(uint32_t i)
{
    return &all_credentials[i];
}

/* ---- memory ---- */

static struct command command_copy(const struct command *from)
{
    struct command c = *from;

    if (from->path != NULL)
        c.path = rota_memory_copy(from->path, strlen(from->path) + 1);
    c.parts = rota_memory_copy(from->parts, from->part_count * sizeof *from->parts);
    for (uint32_t i = 0; i < from->part_count; i++)
        c.parts[i] = command_copy(&from->parts[i]);
    return c;
}

void command_clear(struct command *c)
{
    for (uint32_t i = 0; i < c->part_count; i++)
        command_clear(&c->parts[i]);
    free(c->parts);
    free(c->path);
    *c = (struct command){0};
}

struct step *step_copy(const struct step *from)
{
    struct step *s = rota_memory_copy(from, sizeof *from);

    for (uint32_t i = 0; i < from->count; i++)
        s->commands[i] = command_copy(&from->commands[i]);
    return s;
}

void step_free(struct step *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        command_clear(&s->commands[i]);
    free(s);
}

uint32_t step_operations(const struct step *s)
{
    return s->count > 0 ? s->count : 1;
}

/* ---- printing ---- */

static const char *const op_names[] = {"create", "delete",   "set",   "check", "get",
                                       "exists", "children", "multi", "sync",  "getAcl",
                                       "setAcl", "addauth",  "close"};
static const char *const mode_names[] = {"", " -e", " -s", " -e -s", " -c", " -t", " -t -s"};

static void print_data(struct text *t, const struct command *c)
{
    if (c->fits)
        text_add(t, " LIMIT%+d", c->excess);
    else if (c->length < 0)
        text_add(t, " null");
    else if (c->length == 0)
        text_add(t, " \"\"");
    else
        text_add(t, " 0x%02x*%d", (unsigned char)c->fill, c->length);
}

static void print_acl(struct text *t, uint32_t acl)
{
    uint32_t count;
    const struct rota_acl *entries = sequence_acl(acl, &count);

    if (entries != NULL && count == 0)
        text_add(t, " (empty list)");
    for (uint32_t i = 0; i < count; i++)
        text_add(t, "%s%s:%s:%u", i == 0 ? " " : ",", entries[i].scheme, entries[i].id,
                 entries[i].perms);
}

static void command_print(struct text *t, const struct command *c)
{
    bool writes = c->op == ROTA_OP_CREATE || c->op == ROTA_OP_SET;

    text_add(t, "%s", op_names[c->op]);
    if (c->op == ROTA_OP_CREATE && c->mode >= 0 && c->mode <= ROTA_MODE_TTL_SEQUENTIAL)
        text_add(t, "%s", mode_names[c->mode]);
    else if (c->op == ROTA_OP_CREATE)
        text_add(t, " -mode %d", c->mode);
    if (c->op == ROTA_OP_CREATE && c->mode >= ROTA_MODE_TTL)
        text_add(t, " %" PRId64, c->ttl_ms);
    if (c->watch)
        text_add(t, " -w");
    if (c->op == ROTA_OP_ADD_AUTH) {
        text_add(t, " %s ", sequence_credentials(c->credentials)->scheme);
        text_add_bytes(t, sequence_credentials(c->credentials)->data.data,
                       strlen(sequence_credentials(c->credentials)->data.data == NULL
                                  ? ""
                                  : sequence_credentials(c->credentials)->data.data));
    } else if (c->path != NULL) {
        text_add(t, " ");
        text_add_bytes(t, c->path, strlen(c->path));
    }
    if (writes || c->fits)
        print_data(t, c);
    if (c->op == ROTA_OP_CREATE || c->op == ROTA_OP_SET_ACL)
        print_acl(t, c->acl);
    if (c->op == ROTA_OP_DELETE || c->op == ROTA_OP_SET || c->op == ROTA_OP_CHECK ||
        c->op == ROTA_OP_SET_ACL)
        text_add(t, " v%d", c->version);
    if (c->op != ROTA_OP_MULTI)
        return;
    text_add(t, " of %u%s", c->part_count, c->fits ? " (fits)" : "");
    for (uint32_t i = 0; i < c->part_count && i < 20; i++) {
        text_add(t, "%s", i == 0 ? " { " : "; ");
        command_print(t, &c->parts[i]);
    }
    text_add(t, c->part_count > 20 ? "; .. }" : c->part_count > 0 ? " }" : "");
}

void step_print(struct text *t, const struct step *s)
{
    static const char *const kinds[] = {"",
                                        "cut",
                                        "heal",
                                        "close and open",
                                        "expire",
                                        "die and take over the session",
                                        "wrong password, while away",
                                        "lost:",
                                        "applied:",
                                        "short session:",
                                        "the server restarts",
                                        "wrong password",
                                        "late:",
                                        "silent:",
                                        "applied, and silent:",
                                        "closes after:",
                                        "heavy watches"};

    if (s->count == 0)
        text_add(t, "  client %u: %s\n", s->client, kinds[s->kind]);
    for (uint32_t i = 0; i < s->count; i++) {
        text_add(t, "  client %u: %s%s", s->client, kinds[s->kind], s->kind == 0 ? "" : " ");
        command_print(t, &s->commands[i]);
        text_add(t, "%s\n", i + 1 < s->count ? " &" : "");
    }
}

/* ---- requests ---- */

/* The block is filled in two passes: the first, without memory, counts the bytes. */
struct block {
    char *base;
    size_t used;
};

static void *take(struct block *b, size_t bytes)
{
    void *at = b->base == NULL ? NULL : b->base + b->used;

    b->used += (bytes + 15) & ~(size_t)15;
    return at;
}

/* The path below the root, with `padding` more bytes. */
static const char *put_path(struct block *b, const char *path, const char *root, size_t padding)
{
    size_t before = path != NULL && path[0] == '~' ? strlen(root) : 0;
    size_t length;
    char *to;

    if (path == NULL)
        return NULL;
    path += before > 0;
    length = strlen(path);
    to = take(b, before + length + padding + 1);
    if (to == NULL)
        return path;
    memcpy(to, root, before);
    memcpy(to + before, path, length);
    memset(to + before + length, 'n', padding);
    to[before + length + padding] = '\0';
    return to;
}

/* `fit` is the length of the data of a command that fits, or, if it has no data, of the padding of
 * its path. */
static struct rota_operation put_operation(struct block *b, const struct command *c,
                                           const char *root, bool fits, int32_t fit)
{
    bool data = c->op == ROTA_OP_CREATE || c->op == ROTA_OP_SET;
    int32_t length = fits && data ? fit : c->length;
    struct rota_operation o = {.op = c->op,
                               .path = put_path(b, c->path, root, fits && !data ? (size_t)fit : 0),
                               .data = ROTA_NULL_BYTES,
                               .version = c->version,
                               .mode = (enum rota_mode)c->mode,
                               .ttl_ms = c->ttl_ms,
                               .watch = c->watch};
    char *bytes = length < 0 ? NULL : take(b, (size_t)length + 1);

    if (length >= 0)
        o.data = (struct rota_bytes){length == 0 && c->fill % 2 == 0 ? NULL : bytes, length};
    if (bytes != NULL)
        memset(bytes, c->fill, (size_t)length);
    if (c->op == ROTA_OP_CREATE || c->op == ROTA_OP_SET_ACL)
        o.acl = sequence_acl(c->acl, &o.acl_count);
    if (c->op == ROTA_OP_ADD_AUTH) {
        o.scheme = sequence_credentials(c->credentials)->scheme;
        o.data = sequence_credentials(c->credentials)->data;
    }
    return o;
}

static struct rota_request *put_request(struct block *b, const struct command *c, const char *root,
                                        uint64_t tag, int32_t fit)
{
    struct rota_request *r = take(b, sizeof *r);
    struct rota_operation first = put_operation(b, c, root, c->fits && c->part_count == 0, fit);
    struct rota_operation *parts = take(b, c->part_count * sizeof *parts + 1);

    for (uint32_t i = 0; i < c->part_count; i++) {
        struct rota_operation one =
            put_operation(b, &c->parts[i], root, c->fits && i + 1 == c->part_count, fit);

        if (parts != NULL)
            parts[i] = one;
    }
    if (r != NULL)
        *r = (struct rota_request){
            .tag = tag, .operation = first, .operations = parts, .operation_count = c->part_count};
    return r;
}

static struct rota_request *make(const struct command *c, const char *root, uint64_t tag,
                                 int32_t fit)
{
    struct block b = {NULL, 0};

    put_request(&b, c, root, tag, fit);
    b.base = rota_memory_grow(NULL, b.used);
    b.used = 0;
    return put_request(&b, c, root, tag, fit);
}

struct rota_request *command_request(const struct command *c, const char *root, uint64_t tag)
{
    struct rota_request *r = make(c, root, tag, 0);
    size_t bare;

    if (!c->fits)
        return r;
    bare = rota_request_bytes(r, 0);
    free(r);
    return make(c, root, tag, (int32_t)(ROTA_REQUEST_LIMIT - bare) + c->excess);
}
