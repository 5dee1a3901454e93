#include "harness/judge/judged_change.h"

#include <stdlib.h>
#include <string.h>

const char *rota_judged_change_author(const struct rota_judged_change *c)
{
    return rota_judge_name(c->j, c->who);
}

bool rota_judged_change_is_from(const struct rota_judged_change *c, enum rota_part part)
{
    return rota_judge_is(c->j, c->who, part);
}

bool rota_judged_change_is_ours(const struct rota_judged_change *c)
{
    return rota_judged_change_is_from(c, ROTA_PART_MASTER) ||
           rota_judged_change_is_from(c, ROTA_PART_WORKER) ||
           rota_judged_change_is_from(c, ROTA_PART_CLIENT);
}

uint32_t rota_record_number(struct rota_bytes data, const char *key, uint32_t otherwise)
{
    char line[160];
    size_t length = data.length > 0 ? (size_t)data.length : 0;
    const char *at;

    length = length < sizeof line ? length : sizeof line - 1;
    if (length > 0)
        memcpy(line, data.data, length);
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    at = strstr(line, key);
    return at == NULL ? otherwise : (uint32_t)strtoul(at + strlen(key), NULL, 10);
}

uint32_t rota_record_lines(struct rota_bytes data, uint32_t from)
{
    const char *text = data.data;
    uint32_t lines = 0;

    for (int32_t i = 0; i < data.length; i++)
        lines += text[i] == '\n' && i + 1 < data.length;
    lines += data.length > 0;
    return lines > from ? lines - from : 0;
}
