/* Directories: which of them are to be listed, and when. The caller gives the children that a
 * listing shows to workers.h or tasks.h. */
#ifndef ROTA_MODEL_MASTER_DIRECTORIES_H
#define ROTA_MODEL_MASTER_DIRECTORIES_H

#include "model/master/belief.h"

/* Creates the znodes of the tree, with or without /epoch; those that exist are refused. Returns the
 * number of requests. */
uint32_t rota_directories_create(struct rota_master_context *s, bool epoch);

/* Sends the listings that are wanted, but for the one of /tasks; and that one, if it is allowed. */
void rota_directories_list(struct rota_master_context *s);
void rota_directories_list_tasks(struct rota_master_context *s);

/* Takes in the reply to a listing. True if it was done: the caller takes in the children. */
bool rota_directories_replied(struct rota_master_context *s, enum rota_directory which,
                              const struct rota_event *e);

/* A watch fired: if the path is a directory, it is to be listed again. */
void rota_directories_watched(struct rota_master_context *s, const char *path);

#endif
