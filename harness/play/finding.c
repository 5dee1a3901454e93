#include "harness/play/finding.h"

#include <stdlib.h>

const char *rota_verdict_word(enum rota_verdict verdict)
{
    static const char *const words[] = {[ROTA_VERDICT_HELD] = "held",
                                        [ROTA_VERDICT_FAILED] = "failed",
                                        [ROTA_VERDICT_WRONG] = "wrong",
                                        [ROTA_VERDICT_NO_PROGRESS] = "no-progress",
                                        [ROTA_VERDICT_UNREPEATABLE] = "unrepeatable"};

    return words[verdict];
}

int rota_verdict_worse(int a, int b)
{
    static const int ranks[] = {[ROTA_VERDICT_HELD] = 0,
                                [ROTA_VERDICT_FAILED] = 1,
                                [ROTA_VERDICT_NO_PROGRESS] = 2,
                                [ROTA_VERDICT_UNREPEATABLE] = 3,
                                [ROTA_VERDICT_WRONG] = 4};

    return ranks[a] >= ranks[b] ? a : b;
}

void rota_finding_close(struct rota_finding *finding)
{
    for (uint32_t i = 0; i < finding->trace_count; i++)
        free(finding->traces[i]);
    free(finding->traces);
    free(finding->report);
    finding->report = NULL;
    finding->traces = NULL;
    finding->trace_count = 0;
    finding->trace_capacity = 0;
}
