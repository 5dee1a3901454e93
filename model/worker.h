#ifndef ROTA_MODEL_WORKER_H
#define ROTA_MODEL_WORKER_H
#include "model/event.h"
#include "model/map.h"
#include "model/outbox.h"
#include "model/pool.h"
struct rota_worker_config {
    char name[200]; /* the znode's name */
    char address[256];
    uint32_t slots;           /* runs at once; 0 means 1 */
    int64_t drain_timeout_ms; /* STOP: how long running work may finish before it is handed back */
};
struct rota_worker {
    struct rota_worker_config config;
};
#endif
