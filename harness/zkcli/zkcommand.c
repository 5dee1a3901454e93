#include "harness/zkcli/zkcommand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/memory.h"

void rota_zkcommand_print(struct rota_zkcli *z, enum rota_zkcli_stream stream)
{
    if (z->config.print == NULL)
        rota_zktext_add(&z->text, z->line.data, z->line.length);
    else if (z->line.length > 0)
        z->config.print(z->config.context, stream, z->line.data, z->line.length);
    z->line.length = 0;
}

bool rota_zkcommand_answer(struct rota_zkcli *z)
{
    rota_zkcommand_print(z, ROTA_ZKCLI_OUT);
    return true;
}

bool rota_zkcommand_refuse(struct rota_zkcli *z)
{
    z->failed = true;
    rota_zkcommand_print(z, ROTA_ZKCLI_ERR);
    return true;
}

bool rota_zkcommand_refuse_with(struct rota_zkcli *z, const char *sentence)
{
    rota_zktext_print(&z->line, "%s\n", sentence);
    return rota_zkcommand_refuse(z);
}

bool rota_zkcommand_refuse_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    rota_zktext_refusal(&z->line, reply->rc, z->asked_path);
    return rota_zkcommand_refuse(z);
}

/* ---- asking ---- */

bool rota_zkcommand_ask(struct rota_zkcli *z, const struct rota_operation *operation)
{
    struct rota_request request = {.tag = ++z->tag, .operation = *operation};

    free(z->asked_path);
    z->asked_path = rota_memory_text(operation->path != NULL ? operation->path : "");
    z->config.backend->ops->request(z->config.backend, &request);
    return false;
}

bool rota_zkcommand_ask_path(struct rota_zkcli *z, enum rota_op op, const char *path, bool watch)
{
    return rota_zkcommand_ask(z, &(struct rota_operation){.op = op, .path = path, .watch = watch});
}

const struct rota_zkword *rota_zkcommand_word(const struct rota_zkcli *z, uint32_t index)
{
    return &z->options.words[index];
}

bool rota_zkcommand_given(const struct rota_zkcli *z, char letter)
{
    return z->options.given[(unsigned char)letter];
}

bool rota_zkcommand_number(const char *text, int64_t least, int64_t most, int64_t *number)
{
    char *end;
    size_t sign = text[0] == '-' || text[0] == '+' ? 1 : 0;

    if (text[sign] < '0' || text[sign] > '9' || strlen(text) > 20)
        return false;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= least && *number <= most;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char **rota_zkcommand_names(const struct rota_reply *reply)
{
    const char **names = rota_memory_zeroed(reply->child_count + 1, sizeof *names);

    for (uint32_t i = 0; i < reply->child_count; i++)
        names[i] = reply->children[i];
    qsort(names, reply->child_count, sizeof *names, compare_names);
    return names;
}
