#include "server/auth.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/base64.h"
#include "server/java_text.h"
#include "server/sha1.h"
#include "system/memory.h"

enum { DIGEST_TEXT = ROTA_BASE64_TEXT_SIZE(ROTA_SHA1_BYTES) };

/* ---- identities ---- */

static rota_ref *ref_at(const struct rota_tree *t, const struct rota_identities *identities,
                        uint32_t i)
{
    return rota_array_at(&t->pool, &identities->names, i, sizeof(rota_ref));
}

static const char *name_at(const struct rota_tree *t, const struct rota_identities *identities,
                           uint32_t i)
{
    return rota_pool_at(&t->pool, *ref_at(t, identities, i));
}

/* Adds a name that is in the pool; if it is already known, the name is freed. */
static void add_name(struct rota_tree *t, struct rota_identities *identities, rota_ref name)
{
    for (uint32_t i = 0; i < identities->names.length; i++) {
        if (strcmp(name_at(t, identities, i), rota_pool_at(&t->pool, name)) != 0)
            continue;
        rota_text_give(&t->pool, name);
        return;
    }
    *ref_at(t, identities, rota_array_push(&t->pool, &identities->names, sizeof(rota_ref))) = name;
}

/* The string that Java makes of these bytes, as valid UTF-8, to be freed. The bytes may contain
 * NULs. `length` becomes the length of the string. */
static char *string_of(const char *bytes, size_t *length)
{
    char *text = rota_memory_text_of(bytes, *length);
    char *repaired = rota_memory_zeroed(3 * *length + 1, 1);
    size_t from = 0, to = 0;

    for (; from < *length; from++, to++) { /* from one NUL to the next */
        rota_java_text_repair(text + from, repaired + to);
        from += strlen(text + from);
        to += strlen(repaired + to);
    }
    *length = to > 0 && from > *length ? to - 1 : to;
    free(text);
    return repaired;
}

int32_t rota_auth_add(struct rota_tree *t, struct rota_identities *identities, const char *scheme,
                      struct rota_bytes credentials)
{
    size_t length = credentials.length > 0 ? (size_t)credentials.length : 0;
    const char *colon;
    char *text;
    uint8_t digest[ROTA_SHA1_BYTES];
    size_t user;
    rota_ref name;
    char *at;

    if (scheme != NULL && strcmp(scheme, "ip") == 0)
        return ROTA_ERR_OK; /* the server knows the address already */
    if (scheme == NULL || strcmp(scheme, "digest") != 0)
        return ROTA_ERR_AUTH_FAILED;
    text = string_of(credentials.data, &length);
    colon = memchr(text, ':', length);
    user = colon == NULL ? length : (size_t)(colon - text);
    rota_sha1((const uint8_t *)text, length, digest);
    name = rota_pool_take(&t->pool, user + 1 + DIGEST_TEXT);
    at = rota_pool_at(&t->pool, name);
    memcpy(at, text, user);
    at[user] = ':';
    rota_base64_encode(at + user + 1, DIGEST_TEXT, digest, sizeof digest);
    add_name(t, identities, name);
    free(text);
    return ROTA_ERR_OK;
}

void rota_auth_clear(struct rota_tree *t, struct rota_identities *identities)
{
    for (uint32_t i = 0; i < identities->names.length; i++)
        rota_text_give(&t->pool, *ref_at(t, identities, i));
    rota_array_clear(&t->pool, &identities->names, sizeof(rota_ref));
}

struct rota_identity_list *rota_auth_export(const struct rota_tree *t,
                                            const struct rota_identities *identities)
{
    struct rota_identity_list *list;
    size_t bytes = 0;

    for (uint32_t i = 0; i < identities->names.length; i++)
        bytes += strlen(name_at(t, identities, i)) + 1;
    if (bytes == 0)
        return NULL;
    list = rota_memory_zeroed(1, sizeof *list + bytes);
    list->count = identities->names.length;
    bytes = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        size_t length = strlen(name_at(t, identities, i)) + 1;

        memcpy(list->texts + bytes, name_at(t, identities, i), length);
        bytes += length;
    }
    return list;
}

void rota_auth_import(struct rota_tree *t, struct rota_identities *identities,
                      const struct rota_identity_list *list)
{
    const char *text = list == NULL ? NULL : list->texts;

    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        add_name(t, identities, rota_text_take(&t->pool, text));
        text += strlen(text) + 1;
    }
}

/* ---- permissions ---- */

static bool is_anyone(const struct rota_acl *entry)
{
    return strcmp(entry->scheme, "world") == 0 && strcmp(entry->id, "anyone") == 0;
}

static bool is_identity(const struct rota_tree *t, const struct rota_acl *entry,
                        const struct rota_identities *identities)
{
    if (identities == NULL || strcmp(entry->scheme, "digest") != 0)
        return false;
    for (uint32_t i = 0; i < identities->names.length; i++)
        if (rota_java_text_equals(name_at(t, identities, i), entry->id))
            return true;
    return false;
}

/* A number as Java reads it: perhaps a sign, then digits, within 32 bits. -1 if it is not a number
 * or is negative. */
static int64_t number_of(const char *text, size_t length)
{
    bool minus = length > 0 && text[0] == '-';
    size_t i = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    int64_t value = 0;

    if (i == length)
        return -1;
    for (; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
        if (value > INT32_MAX)
            return -1;
    }
    return minus && value > 0 ? -1 : value;
}

/* Reads an IPv4 address and, after a "/", how many of its bits count; without it all count. */
static bool address_parse(const char *text, uint32_t *address, uint32_t *counting)
{
    size_t length = strcspn(text, "/");
    const char *end = text + length;
    int64_t bits = end[0] == '/' ? number_of(end + 1, strlen(end + 1)) : 32;

    *address = 0;
    for (unsigned part = 0; part < 4; part++) {
        size_t n = 0;
        int64_t value;

        while (text + n < end && text[n] != '.')
            n++;
        value = number_of(text, n);
        if (value < 0 || value > 255 || (part < 3) != (text + n < end))
            return false;
        *address = *address << 8 | (uint32_t)value;
        text += n + 1;
    }
    *counting = bits <= 0 ? 0 : bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> bits);
    return bits >= 0 && bits <= 32;
}

/* Every connection comes from the loopback address. */
static bool is_loopback(const struct rota_acl *entry)
{
    const uint32_t loopback = 0x7f000001;
    uint32_t address, counting;

    return strcmp(entry->scheme, "ip") == 0 && address_parse(entry->id, &address, &counting) &&
           (address & counting) == (loopback & counting);
}

bool rota_auth_permits(const struct rota_tree *t, uint32_t acl, uint32_t perms,
                       const struct rota_identities *identities)
{
    if (acl == 0)
        return true;
    for (uint32_t i = 0; i < rota_tree_acl_count(t, acl); i++) {
        struct rota_acl entry = rota_tree_acl(t, acl, i);

        if ((entry.perms & perms) != 0 &&
            (is_anyone(&entry) || is_loopback(&entry) || is_identity(t, &entry, identities)))
            return true;
    }
    return false;
}

/* ---- access lists of requests ---- */

/* An access list under construction. Its texts are in the request or in the pool. */
struct acl_builder {
    struct rota_acl *entries;
    uint32_t count;
};

static bool acl_equal(const struct rota_acl *a, const struct rota_acl *b)
{
    return a->perms == b->perms && strcmp(a->scheme, b->scheme) == 0 && strcmp(a->id, b->id) == 0;
}

static void builder_add(struct acl_builder *b, struct rota_acl entry)
{
    b->entries[b->count++] = entry;
}

/* Whether a digest id has two parts, as Java splits a string at colons: colons at the end do not
 * count. */
static bool digest_possible(const char *id)
{
    size_t length = strlen(id);
    uint32_t colons = 0;

    while (length > 0 && id[length - 1] == ':')
        length--;
    for (size_t i = 0; i < length; i++)
        colons += id[i] == ':';
    return colons == 1;
}

static bool entry_possible(const struct rota_acl *e)
{
    uint32_t address, counting;

    if (strcmp(e->scheme, "digest") == 0)
        return digest_possible(e->id);
    return is_anyone(e) ||
           (strcmp(e->scheme, "ip") == 0 && address_parse(e->id, &address, &counting));
}

/* The hash of an identity, spread as Java's concurrent hash map does. */
static uint32_t hash_of(const char *scheme, const char *id)
{
    uint32_t hash = (17 * 37 + rota_java_text_hash(scheme)) * 37 + rota_java_text_hash(id);

    return hash ^ hash >> 16;
}

/* An identity in the server's set of identities, which is a hash table. */
struct member {
    uint32_t hash;
    uint32_t name; /* its index; or ADDRESS, for the address of the connection */
};

#define ADDRESS UINT32_MAX

/* Where the cell that begins at member `i` ends. */
static uint32_t cell_end(const struct member *set, uint32_t count, uint32_t room, uint32_t i)
{
    uint32_t end = i + 1;

    while (end < count && set[end].hash % room == set[i].hash % room)
        end++;
    return end;
}

/* When the table doubles, the cell from `i` to `end` splits in two. Appends the members of one
 * half: those before the last run that stays together come out in reverse. */
static uint32_t split(const struct member *set, uint32_t i, uint32_t end, uint32_t half,
                      uint32_t room, struct member *to)
{
    uint32_t run = end - 1, count = 0;

    while (run > i && (set[run - 1].hash & room) == (set[run].hash & room))
        run--;
    for (uint32_t k = run; k > i; k--)
        if ((set[k - 1].hash & room) == half)
            to[count++] = set[k - 1];
    for (uint32_t k = run; k < end && (set[run].hash & room) == half; k++)
        to[count++] = set[k];
    return count;
}

/* Doubles the table. `spare` has room for as many. */
static void grow(struct member *set, uint32_t count, uint32_t room, struct member *spare)
{
    uint32_t moved = 0;

    for (uint32_t half = 0; half <= room; half += room)
        for (uint32_t i = 0, end; i < count; i = end) {
            end = cell_end(set, count, room, i);
            moved += split(set, i, end, half, room, spare + moved);
        }
    memcpy(set, spare, count * sizeof *set);
}

/* Orders the identities and the address as the server's table has them after it has grown: "auth"
 * is replaced by the identities in this order. Both arrays have room for all of them. */
static void lay_out(const struct rota_tree *t, const struct rota_identities *identities,
                    struct member *set, struct member *spare)
{
    uint32_t room = 16, count = 1;

    set[0] = (struct member){hash_of("ip", "127.0.0.1"), ADDRESS};
    for (uint32_t i = 0; i < identities->names.length; i++) {
        struct member one = {hash_of("digest", name_at(t, identities, i)), i};
        uint32_t at = count;

        for (; at > 0 && set[at - 1].hash % room > one.hash % room; at--)
            set[at] = set[at - 1];
        set[at] = one;
        for (count++; count >= room / 4 * 3; room *= 2)
            grow(set, count, room, spare);
    }
}

/* Adds the identities that replace "auth". False if there are none. */
static bool builder_add_auth(struct acl_builder *b, const struct rota_tree *t,
                             const struct rota_identities *identities, uint32_t perms)
{
    uint32_t count = identities == NULL ? 0 : identities->names.length + 1;
    struct member *set;

    if (count <= 1)
        return false;
    set = rota_memory_zeroed(2 * (size_t)count, sizeof *set);
    lay_out(t, identities, set, set + count);
    for (uint32_t i = 0; i < count; i++)
        if (set[i].name != ADDRESS)
            builder_add(b, (struct rota_acl){perms, "digest", name_at(t, identities, set[i].name)});
    free(set);
    return true;
}

static bool builder_fill(struct acl_builder *b, const struct rota_tree *t,
                         const struct rota_identities *identities, const struct rota_acl *acl,
                         uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = 0;

        if (acl[i].scheme == NULL || acl[i].id == NULL)
            return false;
        while (!acl_equal(&acl[first], &acl[i]))
            first++;
        if (first < i)
            continue; /* a repeated entry counts once */
        if (strcmp(acl[i].scheme, "auth") == 0) {
            if (!builder_add_auth(b, t, identities, acl[i].perms))
                return false;
        } else if (entry_possible(&acl[i])) {
            builder_add(b, acl[i]);
        } else {
            return false;
        }
    }
    return b->count > 0;
}

/* Stores the list. Its texts are copied first, since the pool may move. */
static uint32_t builder_store(struct acl_builder *b, struct rota_tree *t)
{
    size_t bytes = 1;
    char *texts, *at;
    uint32_t index;

    for (uint32_t i = 0; i < b->count; i++)
        bytes += 3 * (strlen(b->entries[i].scheme) + strlen(b->entries[i].id)) + 2;
    texts = at = rota_memory_zeroed(bytes, 1);
    for (uint32_t i = 0; i < b->count; i++) {
        const char **fields[] = {&b->entries[i].scheme, &b->entries[i].id};

        for (unsigned f = 0; f < 2; f++) {
            rota_java_text_encode(*fields[f], at);
            *fields[f] = at;
            at += strlen(at) + 1;
        }
    }
    index = rota_tree_acl_put(t, b->entries, b->count);
    free(texts);
    return index;
}

int32_t rota_auth_resolve(struct rota_tree *t, const struct rota_identities *identities,
                          const struct rota_acl *acl, uint32_t count, uint32_t *index)
{
    struct acl_builder b = {NULL, 0};
    uint32_t most = count + count * (identities == NULL ? 0 : identities->names.length);
    bool possible;

    *index = 0;
    if (acl == NULL)
        return ROTA_ERR_OK;
    b.entries = rota_memory_zeroed(most + 1, sizeof *b.entries);
    possible = builder_fill(&b, t, identities, acl, count);
    if (possible)
        *index = builder_store(&b, t);
    free(b.entries);
    return possible ? ROTA_ERR_OK : ROTA_ERR_INVALID_ACL;
}
