#include "backend_sim/auth.h"

#include <stdlib.h>
#include <string.h>

#include "model/assert.h"

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

int32_t rota_auth_add(struct rota_tree *t, struct rota_identities *who, const char *scheme,
                      struct rota_bytes credentials)
{
    const char *text = credentials.data;
    const char *colon =
        credentials.length > 0 ? memchr(text, ':', (size_t)credentials.length) : NULL;
    uint8_t digest[SHA1_BYTES];
    size_t user;
    rota_ref name;
    uint32_t at;

    if (scheme == NULL || strcmp(scheme, "digest") != 0 || colon == NULL)
        return ROTA_ERR_AUTH_FAILED;
    user = (size_t)(colon - text) + 1;
    sha1((const uint8_t *)text, (size_t)credentials.length, digest);
    name = rota_pool_take(&t->pool, user + BASE64_BYTES + 1);
    memcpy(rota_pool_at(&t->pool, name), text, user);
    base64(digest, (char *)rota_pool_at(&t->pool, name) + user);
    at = rota_array_push(&t->pool, &who->names, sizeof(rota_ref));
    *(rota_ref *)rota_array_at(&t->pool, &who->names, at, sizeof(rota_ref)) = name;
    return ROTA_ERR_OK;
}

static const char *name_at(const struct rota_tree *t, const struct rota_identities *who, uint32_t i)
{
    const rota_ref *name = rota_array_at(&t->pool, &who->names, i, sizeof(rota_ref));

    return rota_pool_at(&t->pool, *name);
}

void rota_auth_clear(struct rota_tree *t, struct rota_identities *who)
{
    for (uint32_t i = 0; i < who->names.length; i++) {
        const rota_ref *name = rota_array_at(&t->pool, &who->names, i, sizeof(rota_ref));

        rota_text_give(&t->pool, *name);
    }
    rota_array_clear(&t->pool, &who->names, sizeof(rota_ref));
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
        if (strcmp(entry->id, name_at(t, who, i)) == 0)
            return true;
    return false;
}

bool rota_auth_permits(const struct rota_tree *t, uint32_t acl, uint32_t perms,
                       const struct rota_identities *who)
{
    if (acl == 0)
        return true;
    for (uint32_t i = 0; i < rota_tree_acl_count(t, acl); i++) {
        struct rota_acl entry = rota_tree_acl(t, acl, i);

        if ((entry.perms & perms) != 0 && (is_anyone(&entry) || is_me(t, &entry, who)))
            return true;
    }
    return false;
}

/* A list under construction: what it points to lies in the request or in the pool. */
struct draft {
    struct rota_acl *entries;
    uint32_t count;
};

static void draft_add(struct draft *d, struct rota_acl entry)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (d->entries[i].perms == entry.perms && strcmp(d->entries[i].scheme, entry.scheme) == 0 &&
            strcmp(d->entries[i].id, entry.id) == 0)
            return;
    d->entries[d->count++] = entry;
}

static bool entry_possible(const struct rota_acl *e)
{
    const char *colon = strchr(e->id, ':');

    if (strcmp(e->scheme, "digest") == 0)
        return colon != NULL && colon[1] != '\0' && strchr(colon + 1, ':') == NULL;
    return is_anyone(e) || (strcmp(e->scheme, "ip") == 0 && e->id[0] != '\0');
}

/* Adds the identities that stand for "auth". False if there are none. */
static bool draft_add_auth(struct draft *d, const struct rota_tree *t,
                           const struct rota_identities *who, uint32_t perms)
{
    if (who == NULL || who->names.length == 0)
        return false;
    for (uint32_t i = 0; i < who->names.length; i++)
        draft_add(d, (struct rota_acl){perms, "digest", name_at(t, who, i)});
    return true;
}

static bool draft_fill(struct draft *d, const struct rota_tree *t,
                       const struct rota_identities *who, const struct rota_acl *acl,
                       uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (acl[i].scheme == NULL || acl[i].id == NULL)
            return false;
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
        bytes += strlen(d->entries[i].scheme) + strlen(d->entries[i].id) + 2;
    texts = at = malloc(bytes);
    rota_assert(texts != NULL);
    for (uint32_t i = 0; i < d->count; i++) {
        const char **fields[] = {&d->entries[i].scheme, &d->entries[i].id};

        for (unsigned f = 0; f < 2; f++) {
            size_t size = strlen(*fields[f]) + 1;

            memcpy(at, *fields[f], size);
            *fields[f] = at;
            at += size;
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
