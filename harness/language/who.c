#include "harness/language/who.h"

#include <stdio.h>

bool rota_who_equal(struct rota_who a, struct rota_who b)
{
    return a.kind == b.kind && a.number == b.number;
}

void rota_who_format(struct rota_who who, char *text, size_t size)
{
    static const char *const names[] = {[ROTA_WHO_NONE] = "none",
                                        [ROTA_WHO_MASTER] = "m",
                                        [ROTA_WHO_WORKER] = "w",
                                        [ROTA_WHO_CLIENT] = "c",
                                        [ROTA_WHO_SERVER] = "s",
                                        [ROTA_WHO_OPERATOR] = "o",
                                        [ROTA_WHO_LEADER] = "leader",
                                        [ROTA_WHO_STANDBY] = "standby",
                                        [ROTA_WHO_ANY_WORKER] = "any worker",
                                        [ROTA_WHO_ALL] = "all"};

    if (who.number > 0)
        snprintf(text, size, "%s%u", names[who.kind], who.number);
    else
        snprintf(text, size, "%s", names[who.kind]);
}
