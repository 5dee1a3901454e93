#include "backend_sim/net/choice.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

static const enum rota_stream streams[] = {
#define X(name, stream) ROTA_STREAM_##stream,
    ROTA_SITE_MAP(X)
#undef X
};

static const char *const names[] = {
#define X(name, stream) #name,
    ROTA_SITE_MAP(X)
#undef X
};

const char *rota_site_name(enum rota_site site)
{
    return names[site];
}

/* The finaliser of splitmix64. */
uint64_t rota_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void rota_choices_init(struct rota_choices *c, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    for (uint64_t i = 0; i < ROTA_STREAMS; i++)
        c->seeds[i] = rota_mix(rota_mix(seed) + i);
}

void rota_choices_close(struct rota_choices *c)
{
    for (int i = 0; i < ROTA_SITES; i++)
        free(c->logs[i].values);
    memset(c, 0, sizeof *c);
}

static void append(struct rota_choice_log *log, uint64_t value)
{
    log->values = rota_memory_extend(log->values, log->length, &log->capacity, sizeof *log->values);
    log->values[log->length++] = value;
}

/* Value `n` of a log, or the benign default. */
static uint64_t replay(const struct rota_choice_log *log, uint32_t n)
{
    return n < log->length && log->values[n] != ROTA_CHOICE_NONE ? log->values[n] : 0;
}

uint64_t rota_choose_bits(struct rota_choices *c, enum rota_site site)
{
    uint32_t n = c->drawn[site]++;
    uint64_t value;

    if (c->replay)
        return replay(&c->logs[site], n);
    value = rota_mix(rota_mix(c->seeds[streams[site]] + (uint64_t)site) + n);
    if (c->record)
        append(&c->logs[site], value);
    return value;
}

/* Scales the upper half of the bits, without a division; the bias is too small to matter here. */
uint64_t rota_choose(struct rota_choices *c, enum rota_site site, uint64_t bound)
{
    uint64_t value;

    rota_assert(bound > 0);
    value = rota_choose_bits(c, site);
    if (bound <= UINT32_MAX)
        return (value >> 32) * bound >> 32;
    return value % bound;
}
