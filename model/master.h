#ifndef ROTA_MODEL_MASTER_H
#define ROTA_MODEL_MASTER_H
#include "model/event.h"
#include "model/map.h"
#include "model/outbox.h"
#include "model/pool.h"
struct rota_master_config {
    char id[64];       /* never empty; written into /master */
    char address[256]; /* "host:port", or "host pid" of a master that listens nowhere */
    uint32_t losses;   /* workers lost under a task before it is dead; 0 means 5 */
};
struct rota_master {
    struct rota_master_config config;
};
#endif
