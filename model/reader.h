#ifndef ROTA_MODEL_READER_H
#define ROTA_MODEL_READER_H
#include "model/event.h"
#include "model/map.h"
#include "model/outbox.h"
#include "model/pool.h"
enum rota_reading {
    ROTA_READING_TASKS,
    ROTA_READING_WORKERS,
    ROTA_READING_ASSIGNMENTS,
    ROTA_READING_STATUS,
    ROTA_READING_INIT, /* not a listing: creates the tree, idempotent */
};
struct rota_reader_config {
    enum rota_reading what;
};
struct rota_reader {
    struct rota_reader_config config;
};
#endif
