/* The rows of a list, given as actions once everything was read. */
#ifndef ROTA_MODEL_READER_ROWS_H
#define ROTA_MODEL_READER_ROWS_H

#include "model/reader/reader_context.h"

/* True if a row of LIST_TASKS shows a task that waits and wants tags: its note depends on the tags
 * of the workers. */
bool rota_reader_rows_need_tags(const struct rota_reader_context *s);

/* Appends a ROW action for each row that is not gone. */
void rota_reader_rows_give(struct rota_reader_context *s);

#endif
