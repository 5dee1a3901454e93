#include "server/auth.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

enum { SHA1_BYTES = 20, SHA1_BLOCK = 64, BASE64_BYTES = 28 };

static uint32_t rotate(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

/* One block of SHA-1 (FIPS 180-4, 6.1.2). */
static void sha1_block(uint32_t h[5], const uint8_t block[SHA1_BLOCK])
{
    uint32_t w[80], v[5];

    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)block[i * 4] << 24 | (uint32_t)block[i * 4 + 1] << 16 |
               (uint32_t)block[i * 4 + 2] << 8 | block[i * 4 + 3];
    for (unsigned i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    memcpy(v, h, sizeof v);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5a827999
                     : i < 40 ? (v[1] ^ v[2] ^ v[3]) + 0x6ed9eba1
                     : i < 60 ? ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8f1bbcdc
                              : (v[1] ^ v[2] ^ v[3]) + 0xca62c1d6;
        uint32_t a = rotate(v[0], 5) + f + v[4] + w[i];

        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = a;
    }
    for (unsigned i = 0; i < 5; i++)
        h[i] += v[i];
}

static void sha1(const uint8_t *bytes, size_t length, uint8_t digest[SHA1_BYTES])
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t tail[2 * SHA1_BLOCK] = {0};
    size_t whole = length / SHA1_BLOCK * SHA1_BLOCK;
    size_t left = length - whole;
    size_t padded = left < SHA1_BLOCK - 8 ? SHA1_BLOCK : 2 * SHA1_BLOCK;

    for (size_t i = 0; i < whole; i += SHA1_BLOCK)
        sha1_block(h, bytes + i);
    if (left > 0)
        memcpy(tail, bytes + whole, left);
    tail[left] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        tail[padded - 1 - i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));
    for (size_t i = 0; i < padded; i += SHA1_BLOCK)
        sha1_block(h, tail + i);
    for (unsigned i = 0; i < SHA1_BYTES; i++)
        digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t digest[SHA1_BYTES], char text[BASE64_BYTES + 1])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (unsigned i = 0; i + 1 < BASE64_BYTES; i++) { /* 20 bytes are 27 digits */
        unsigned bit = i * 6;
        unsigned high = digest[bit / 8];
        unsigned low = bit / 8 + 1 < SHA1_BYTES ? digest[bit / 8 + 1] : 0;

        text[i] = letters[((high << 8 | low) >> (10 - bit % 8)) & 63];
    }
    text[BASE64_BYTES - 1] = '=';
    text[BASE64_BYTES] = '\0';
}

static rota_ref *ref_at(const struct rota_tree *t, const struct rota_identities *who, uint32_t i)
{
    return rota_array_at(&t->pool, &who->names, i, sizeof(rota_ref));
}

static const char *name_at(const struct rota_tree *t, const struct rota_identities *who, uint32_t i)
{
    return rota_pool_at(&t->pool, *ref_at(t, who, i));
}

/* Adds a name, which is the pool's, unless it is known. */
static void add_name(struct rota_tree *t, struct rota_identities *who, rota_ref name)
{
    for (uint32_t i = 0; i < who->names.length; i++) {
        if (strcmp(name_at(t, who, i), rota_pool_at(&t->pool, name)) != 0)
            continue;
        rota_text_give(&t->pool, name);
        return;
    }
    *ref_at(t, who, rota_array_push(&t->pool, &who->names, sizeof(rota_ref))) = name;
}

/* Bytes as Java makes a string of them, in UTF-8; to be freed. */
static char *string_of(const char *bytes, size_t *length)
{
    char *text = malloc(*length + 1), *mended = malloc(3 * *length + 1);
    size_t from = 0, to = 0;

    rota_assert(text != NULL && mended != NULL);
    if (*length > 0)
        memcpy(text, bytes, *length);
    text[*length] = '\0';
    for (; from < *length; from++, to++) { /* what may lie between NULs */
        rota_path_mend(text + from, mended + to);
        from += strlen(text + from);
        to += strlen(mended + to);
    }
    *length = to > 0 && from > *length ? to - 1 : to;
    free(text);
    return mended;
}

int32_t rota_auth_add(struct rota_tree *t, struct rota_identities *who, const char *scheme,
                      struct rota_bytes credentials)
{
    size_t length = credentials.length > 0 ? (size_t)credentials.length : 0;
    const char *colon;
    char *text;
    uint8_t digest[SHA1_BYTES];
    size_t user;
    rota_ref name;
    char *at;

    if (scheme != NULL && strcmp(scheme, "ip") == 0)
        return ROTA_ERR_OK; /* its address, which the server knows already */
    if (scheme == NULL || strcmp(scheme, "digest") != 0)
        return ROTA_ERR_AUTH_FAILED;
    text = string_of(credentials.data, &length);
    colon = memchr(text, ':', length);
    user = colon == NULL ? length : (size_t)(colon - text);
    sha1((const uint8_t *)text, length, digest);
    name = rota_pool_take(&t->pool, user + BASE64_BYTES + 2);
    at = rota_pool_at(&t->pool, name);
    memcpy(at, text, user);
    at[user] = ':';
    base64(digest, at + user + 1);
    add_name(t, who, name);
    free(text);
    return ROTA_ERR_OK;
}

void rota_auth_clear(struct rota_tree *t, struct rota_identities *who)
{
    for (uint32_t i = 0; i < who->names.length; i++) {
        rota_text_give(&t->pool, *ref_at(t, who, i));
    }
    rota_array_clear(&t->pool, &who->names, sizeof(rota_ref));
}

struct rota_proof *rota_auth_prove(const struct rota_tree *t, const struct rota_identities *who)
{
    struct rota_proof *proof;
    size_t bytes = 0;

    for (uint32_t i = 0; i < who->names.length; i++)
        bytes += strlen(name_at(t, who, i)) + 1;
    if (bytes == 0)
        return NULL;
    proof = malloc(sizeof *proof + bytes);
    rota_assert(proof != NULL);
    proof->count = who->names.length;
    bytes = 0;
    for (uint32_t i = 0; i < proof->count; i++) {
        size_t length = strlen(name_at(t, who, i)) + 1;

        memcpy(proof->texts + bytes, name_at(t, who, i), length);
        bytes += length;
    }
    return proof;
}

void rota_auth_believe(struct rota_tree *t, struct rota_identities *who,
                       const struct rota_proof *proof)
{
    const char *text = proof == NULL ? NULL : proof->texts;

    for (uint32_t i = 0; proof != NULL && i < proof->count; i++) {
        size_t length = strlen(text) + 1;
        rota_ref name = rota_pool_take(&t->pool, length);

        memcpy(rota_pool_at(&t->pool, name), text, length);
        add_name(t, who, name);
        text += length;
    }
}

static bool is_anyone(const struct rota_acl *entry)
{
    return strcmp(entry->scheme, "world") == 0 && strcmp(entry->id, "anyone") == 0;
}

static bool is_me(const struct rota_tree *t, const struct rota_acl *entry,
                  const struct rota_identities *who)
{
    if (who == NULL || strcmp(entry->scheme, "digest") != 0)
        return false;
    for (uint32_t i = 0; i < who->names.length; i++)
        if (rota_path_echoes(name_at(t, who, i), entry->id))
            return true;
    return false;
}

/* A number as Java reads it: a sign, digits, within 32 bits. -1 if it is none, or negative. */
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

/* An IPv4 address, with or without "/" and how many of its bits count. */
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

/* Everybody here speaks from the loopback address. */
static bool is_my_address(const struct rota_acl *entry)
{
    const uint32_t loopback = 0x7f000001;
    uint32_t address, counting;

    return strcmp(entry->scheme, "ip") == 0 && address_parse(entry->id, &address, &counting) &&
           (address & counting) == (loopback & counting);
}

bool rota_auth_permits(const struct rota_tree *t, uint32_t acl, uint32_t perms,
                       const struct rota_identities *who)
{
    if (acl == 0)
        return true;
    for (uint32_t i = 0; i < rota_tree_acl_count(t, acl); i++) {
        struct rota_acl entry = rota_tree_acl(t, acl, i);

        if ((entry.perms & perms) != 0 &&
            (is_anyone(&entry) || is_my_address(&entry) || is_me(t, &entry, who)))
            return true;
    }
    return false;
}

/* A list under construction: what it points to lies in the request or in the pool. */
struct draft {
    struct rota_acl *entries;
    uint32_t count;
};

static bool equal(const struct rota_acl *a, const struct rota_acl *b)
{
    return a->perms == b->perms && strcmp(a->scheme, b->scheme) == 0 && strcmp(a->id, b->id) == 0;
}

static void draft_add(struct draft *d, struct rota_acl entry)
{
    d->entries[d->count++] = entry;
}

/* Whether a digest has two parts, as Java splits at colons: those at the end part nothing. */
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

/* Java's hash of a string: of its characters in sixteen bits. */
static uint32_t text_hash(const char *text)
{
    uint32_t hash = 0;

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        uint32_t character = *c;

        if (*c >= 0xc0) {
            unsigned more = *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;

            character &= 0x3fu >> more;
            for (; more > 0 && c[1] != '\0'; more--)
                character = character << 6 | (*++c & 0x3f);
        }
        if (character >= 0x10000) {
            hash = hash * 31 + 0xd800 + ((character - 0x10000) >> 10);
            character = 0xdc00 + ((character - 0x10000) & 0x3ff);
        }
        hash = hash * 31 + character;
    }
    return hash;
}

/* That of an identity, spread as Java's concurrent hash map does. */
static uint32_t hash_of(const char *scheme, const char *id)
{
    uint32_t hash = (17 * 37 + text_hash(scheme)) * 37 + text_hash(id);

    return hash ^ hash >> 16;
}

/* An identity in the server's set of them, which is a table of hashes. */
struct member {
    uint32_t hash;
    uint32_t name; /* ADDRESS: the connection's address, which is always one */
};

#define ADDRESS UINT32_MAX

/* Where the cell that begins at `i` ends. */
static uint32_t cell_end(const struct member *set, uint32_t count, uint32_t room, uint32_t i)
{
    uint32_t end = i + 1;

    while (end < count && set[end].hash % room == set[i].hash % room)
        end++;
    return end;
}

/* Appends what goes from the cell of `i` to `end` into its lower or upper half when the table
 * doubles: those before the last run that stays together come out in reverse. */
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

/* Lays the identities out as the server's table has them, after all its growing, the address among
 * them: that is the order in which "auth" is spelled out. Both arrays have room for them. */
static void lay_out(const struct rota_tree *t, const struct rota_identities *who,
                    struct member *set, struct member *spare)
{
    uint32_t room = 16, count = 1;

    set[0] = (struct member){hash_of("ip", "127.0.0.1"), ADDRESS};
    for (uint32_t i = 0; i < who->names.length; i++) {
        struct member one = {hash_of("digest", name_at(t, who, i)), i};
        uint32_t at = count;

        for (; at > 0 && set[at - 1].hash % room > one.hash % room; at--)
            set[at] = set[at - 1];
        set[at] = one;
        for (count++; count >= room / 4 * 3; room *= 2)
            grow(set, count, room, spare);
    }
}

/* Adds the identities that stand for "auth". False if there are none. */
static bool draft_add_auth(struct draft *d, const struct rota_tree *t,
                           const struct rota_identities *who, uint32_t perms)
{
    uint32_t count = who == NULL ? 0 : who->names.length + 1;
    struct member *set;

    if (count <= 1)
        return false;
    set = calloc(2 * (size_t)count, sizeof *set);
    rota_assert(set != NULL);
    lay_out(t, who, set, set + count);
    for (uint32_t i = 0; i < count; i++)
        if (set[i].name != ADDRESS)
            draft_add(d, (struct rota_acl){perms, "digest", name_at(t, who, set[i].name)});
    free(set);
    return true;
}

static bool draft_fill(struct draft *d, const struct rota_tree *t,
                       const struct rota_identities *who, const struct rota_acl *acl,
                       uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = 0;

        if (acl[i].scheme == NULL || acl[i].id == NULL)
            return false;
        while (!equal(&acl[first], &acl[i]))
            first++;
        if (first < i)
            continue; /* what the client says twice counts once */
        if (strcmp(acl[i].scheme, "auth") == 0) {
            if (!draft_add_auth(d, t, who, acl[i].perms))
                return false;
        } else if (entry_possible(&acl[i])) {
            draft_add(d, acl[i]);
        } else {
            return false;
        }
    }
    return d->count > 0;
}

/* The entries of the draft, their texts copied: what stores them may move the pool. */
static uint32_t draft_store(struct draft *d, struct rota_tree *t)
{
    size_t bytes = 1;
    char *texts, *at;
    uint32_t index;

    for (uint32_t i = 0; i < d->count; i++)
        bytes += 3 * (strlen(d->entries[i].scheme) + strlen(d->entries[i].id)) + 2;
    texts = at = malloc(bytes);
    rota_assert(texts != NULL);
    for (uint32_t i = 0; i < d->count; i++) {
        const char **fields[] = {&d->entries[i].scheme, &d->entries[i].id};

        for (unsigned f = 0; f < 2; f++) {
            rota_path_echo(*fields[f], at); /* it is a string of Java's from now on */
            *fields[f] = at;
            at += strlen(at) + 1;
        }
    }
    index = rota_tree_acl_put(t, d->entries, d->count);
    free(texts);
    return index;
}

int32_t rota_auth_resolve(struct rota_tree *t, const struct rota_identities *who,
                          const struct rota_acl *acl, uint32_t count, uint32_t *index)
{
    struct draft d = {NULL, 0};
    uint32_t most = count + count * (who == NULL ? 0 : who->names.length);
    bool possible;

    *index = 0;
    if (acl == NULL)
        return ROTA_ERR_OK;
    d.entries = calloc(most + 1, sizeof *d.entries);
    rota_assert(d.entries != NULL);
    possible = draft_fill(&d, t, who, acl, count);
    if (possible)
        *index = draft_store(&d, t);
    free(d.entries);
    return possible ? ROTA_ERR_OK : ROTA_ERR_INVALID_ACL;
}
