#include "cli/jobs/printer.h"

#include <stdlib.h>
#include <unistd.h>

#include "model/base/assert.h"
#include "system/memory.h"

#define PRINTER_MAGIC ROTA_MAGIC('P', 'R', 'N', 'T')

struct rota_printer_piece {
    struct rota_printer_piece *next;
    uint64_t number;
    char *data;
    size_t length;
    size_t written;
};

static void write_first(struct rota_printer *p);

static void forget_first(struct rota_printer *p)
{
    struct rota_printer_piece *piece = p->first;

    p->first = piece->next;
    if (p->first == NULL)
        p->last = NULL;
    free(piece->data);
    free(piece);
}

static void on_written(uv_fs_t *request)
{
    struct rota_printer *p = rota_cast(struct rota_printer, request->data, PRINTER_MAGIC);
    ssize_t count = request->result;

    uv_fs_req_cleanup(request);
    p->writing = false;
    if (count < 0 && count != UV_EINTR && count != UV_EAGAIN) {
        p->broken = true;
        p->on_broken(p, (int)count);
        return;
    }
    struct rota_printer_piece *piece = p->first;
    if (count > 0) {
        piece->written += (size_t)count;
        p->waiting -= (size_t)count;
        p->open_line = piece->data[piece->written - 1] != '\n';
    }
    if (piece->written == piece->length) {
        uint64_t number = piece->number;

        forget_first(p);
        p->on_done(p, number);
    }
    write_first(p);
}

/* An empty piece is written too, so that the callbacks keep their order. */
static void write_first(struct rota_printer *p)
{
    struct rota_printer_piece *piece = p->first;

    if (piece == NULL || p->writing || p->broken)
        return;
    uv_buf_t buffer =
        uv_buf_init(piece->data + piece->written, (unsigned)(piece->length - piece->written));
    p->writing = true;
    int rc = uv_fs_write(p->loop, &p->request, STDOUT_FILENO, &buffer, 1, -1, on_written);
    rota_assert(rc == 0);
}

void rota_printer_open(struct rota_printer *p, uv_loop_t *loop)
{
    rota_assert(p->on_done != NULL && p->on_broken != NULL);
    p->magic = PRINTER_MAGIC;
    p->loop = loop;
    p->request.data = p;
}

void rota_printer_put(struct rota_printer *p, uint64_t piece, char *data, size_t length)
{
    struct rota_printer_piece *new = rota_memory_zeroed(1, sizeof *new);

    rota_assert(p->magic == PRINTER_MAGIC && (data != NULL || length == 0));
    *new = (struct rota_printer_piece){.number = piece, .data = data, .length = length};
    if (p->last != NULL)
        p->last->next = new;
    else
        p->first = new;
    p->last = new;
    p->waiting += length;
    write_first(p);
}

bool rota_printer_is_idle(const struct rota_printer *p)
{
    return p->broken || p->first == NULL;
}

void rota_printer_close(struct rota_printer *p)
{
    while (p->first != NULL && !p->writing)
        forget_first(p);
    if (!p->writing)
        p->magic = 0;
}
