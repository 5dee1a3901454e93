#include "harness/zkcli/tree_commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

enum { BATCH_DEFAULT = 1000 }; /* znodes that deleteall deletes in one multi */

static bool path_fine(struct rota_zkcli *z, bool sequential)
{
    if (rota_zktext_path_check(&z->line, rota_zkcommand_word(z, 1)->text,
                               rota_zkcommand_word(z, 1)->length, sequential))
        return true;
    rota_zkcommand_refuse(z);
    return false;
}

static struct rota_bytes data_of(const struct rota_zkword *w)
{
    return (struct rota_bytes){w->text, (int32_t)w->length};
}

/* The version given by -v; without -v, any version. */
static bool version_read(struct rota_zkcli *z, int32_t *version)
{
    int64_t number = -1;

    if (z->options.value != NULL &&
        !rota_zkcommand_number(z->options.value, INT32_MIN, INT32_MAX, &number)) {
        rota_zkcommand_refuse_with(z, "-v argument must be an int value");
        return false;
    }
    *version = (int32_t)number;
    return true;
}

/* A typed access list, with the text that it borrows. */
struct typed_acl {
    char *text;
    struct rota_acl *list;
    uint32_t count;
};

static void acl_close(struct typed_acl *a)
{
    free(a->text);
    free(a->list);
}

/* Reads the list; errors in its entries are printed. */
static void acl_read(struct rota_zkcli *z, const char *text, struct typed_acl *a)
{
    a->text = rota_memory_text(text);
    a->list = rota_memory_zeroed(strlen(text) + 2, sizeof *a->list);
    a->count = rota_zktext_acl_read(&z->line, a->text, a->list);
    rota_zkcommand_print(z, ROTA_ZKCLI_ERR);
}

/* ---- create ---- */

/* Why this combination of options is not allowed; NULL if it is. */
static const char *create_fault(const struct rota_zkcli *z, int64_t *ttl_ms)
{
    static const int64_t longest_ttl_ms = (INT64_C(1) << 40) - 1;

    if (rota_zkcommand_given(z, 'c') &&
        (rota_zkcommand_given(z, 'e') || rota_zkcommand_given(z, 's')))
        return "-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.";
    if (!rota_zkcommand_given(z, 't'))
        return NULL;
    if (!rota_zkcommand_number(z->options.value, INT64_MIN, INT64_MAX, ttl_ms))
        return "-t argument must be a long value";
    if (rota_zkcommand_given(z, 'e'))
        return "TTLs cannot be used with Ephemeral znodes";
    if (rota_zkcommand_given(z, 'c'))
        return "TTLs cannot be used with Container znodes";
    if (*ttl_ms <= 0 || *ttl_ms > longest_ttl_ms)
        return "ttl must be positive and cannot be larger than: 1099511627775";
    return NULL;
}

static enum rota_mode create_mode(const struct rota_zkcli *z)
{
    if (rota_zkcommand_given(z, 'e'))
        return rota_zkcommand_given(z, 's') ? ROTA_MODE_EPHEMERAL_SEQUENTIAL : ROTA_MODE_EPHEMERAL;
    if (rota_zkcommand_given(z, 't'))
        return rota_zkcommand_given(z, 's') ? ROTA_MODE_TTL_SEQUENTIAL : ROTA_MODE_TTL;
    if (rota_zkcommand_given(z, 'c'))
        return ROTA_MODE_CONTAINER;
    return rota_zkcommand_given(z, 's') ? ROTA_MODE_SEQUENTIAL : ROTA_MODE_PERSISTENT;
}

/* A list without entries is refused before any request is sent. */
static bool create_with_acl(struct rota_zkcli *z, struct rota_operation *operation)
{
    struct typed_acl acl;
    bool finished = true;

    acl_read(z, rota_zkcommand_word(z, 3)->text, &acl);
    operation->acl = acl.list;
    operation->acl_count = acl.count;
    if (!path_fine(z, rota_zkcommand_given(z, 's'))) {
    } else if (acl.count == 0) {
        rota_zktext_code(&z->line, ROTA_ERR_INVALID_ACL, NULL);
        rota_zktext_refusal(&z->line, ROTA_ERR_INVALID_ACL, NULL);
        rota_zkcommand_refuse(z);
    } else {
        finished = rota_zkcommand_ask(z, operation);
    }
    acl_close(&acl);
    return finished;
}

static bool create_start(struct rota_zkcli *z)
{
    struct rota_operation operation = {
        .op = ROTA_OP_CREATE, .path = rota_zkcommand_word(z, 1)->text, .data = ROTA_NULL_BYTES};
    const char *fault = create_fault(z, &operation.ttl_ms);

    if (fault != NULL)
        return rota_zkcommand_refuse_with(z, fault);
    operation.mode = create_mode(z);
    if (z->options.count > 2)
        operation.data = data_of(rota_zkcommand_word(z, 2));
    if (z->options.count > 3)
        return create_with_acl(z, &operation);
    return !path_fine(z, rota_zkcommand_given(z, 's')) || rota_zkcommand_ask(z, &operation);
}

static bool create_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    if (reply->rc == ROTA_ERR_INVALID_ACL)
        rota_zktext_code(&z->line, reply->rc, z->asked_path);
    if (reply->rc != ROTA_ERR_OK)
        return rota_zkcommand_refuse_reply(z, reply);
    rota_zktext_print(&z->line, "Created %s\n", reply->path);
    rota_zkcommand_print(z, ROTA_ZKCLI_ERR);
    return true;
}

/* ---- one request, one answer ---- */

static bool stat_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    if (reply->rc != ROTA_ERR_OK)
        return rota_zkcommand_refuse_reply(z, reply);
    rota_zktext_stat(&z->line, &reply->stat);
    return rota_zkcommand_answer(z);
}

static bool stat_start(struct rota_zkcli *z)
{
    return !path_fine(z, false) ||
           rota_zkcommand_ask_path(z, ROTA_OP_EXISTS, rota_zkcommand_word(z, 1)->text,
                                   rota_zkcommand_given(z, 'w'));
}

static bool get_start(struct rota_zkcli *z)
{
    return !path_fine(z, false) ||
           rota_zkcommand_ask_path(z, ROTA_OP_GET, rota_zkcommand_word(z, 1)->text,
                                   rota_zkcommand_given(z, 'w'));
}

static bool get_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    if (reply->rc != ROTA_ERR_OK)
        return rota_zkcommand_refuse_reply(z, reply);
    rota_zktext_data(&z->line, reply->data);
    if (rota_zkcommand_given(z, 's') || z->config.old)
        rota_zktext_stat(&z->line, &reply->stat);
    return rota_zkcommand_answer(z);
}

static bool set_start(struct rota_zkcli *z)
{
    struct rota_operation operation = {.op = ROTA_OP_SET,
                                       .path = rota_zkcommand_word(z, 1)->text,
                                       .data = data_of(rota_zkcommand_word(z, 2))};

    return !version_read(z, &operation.version) || !path_fine(z, false) ||
           rota_zkcommand_ask(z, &operation);
}

static bool set_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    bool silent = !rota_zkcommand_given(z, 's') && !z->config.old;

    return (silent && reply->rc == ROTA_ERR_OK) || stat_reply(z, reply);
}

static bool delete_start(struct rota_zkcli *z)
{
    struct rota_operation operation = {.op = ROTA_OP_DELETE,
                                       .path = rota_zkcommand_word(z, 1)->text};

    return !version_read(z, &operation.version) || !path_fine(z, false) ||
           rota_zkcommand_ask(z, &operation);
}

static bool void_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    return reply->rc == ROTA_ERR_OK || rota_zkcommand_refuse_reply(z, reply);
}

static bool sync_start(struct rota_zkcli *z)
{
    return !path_fine(z, false) ||
           rota_zkcommand_ask_path(z, ROTA_OP_SYNC, rota_zkcommand_word(z, 1)->text, false);
}

static bool sync_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    if (reply->rc == ROTA_ERR_OK) {
        rota_zktext_print(&z->line, "Sync is OK\n");
        return rota_zkcommand_answer(z);
    }
    rota_zktext_print(&z->line, "Sync has failed. rc=%" PRId32 "\n", reply->rc);
    return rota_zkcommand_refuse(z);
}

static bool acl_start(struct rota_zkcli *z)
{
    return !path_fine(z, false) ||
           rota_zkcommand_ask_path(z, ROTA_OP_GET_ACL, rota_zkcommand_word(z, 1)->text, false);
}

static bool acl_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    if (reply->rc != ROTA_ERR_OK)
        return rota_zkcommand_refuse_reply(z, reply);
    rota_zktext_acl(&z->line, reply->acl, reply->acl_count);
    if (rota_zkcommand_given(z, 's'))
        rota_zktext_stat(&z->line, &reply->stat);
    return rota_zkcommand_answer(z);
}

static bool auth_start(struct rota_zkcli *z)
{
    struct rota_operation operation = {
        .op = ROTA_OP_ADD_AUTH, .scheme = rota_zkcommand_word(z, 1)->text, .data = ROTA_NULL_BYTES};

    if (z->options.count > 2)
        operation.data = data_of(rota_zkcommand_word(z, 2));
    return rota_zkcommand_ask(z, &operation);
}

/* Refused credentials end the session. The event that says so finishes the command. */
static bool auth_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    z->failed = reply->rc != ROTA_ERR_OK;
    if (!z->failed || reply->rc == ROTA_ERR_AUTH_FAILED)
        return !z->failed;
    rota_zktext_code(&z->line, reply->rc, NULL);
    return rota_zkcommand_refuse(z);
}

/* ---- walks: ls -R and setAcl -R ---- */

static bool walk_acl(const struct rota_zkcli *z)
{
    return strcmp(z->command->name, "setAcl") == 0;
}

/* Sends the typed access list. False if it has no entries: then nothing is sent. */
static bool set_acl(struct rota_zkcli *z, const char *path)
{
    struct typed_acl acl = {rota_memory_text(rota_zkcommand_word(z, 2)->text), NULL, 0};
    struct rota_operation operation = {.op = ROTA_OP_SET_ACL, .path = path};
    struct rota_zktext complaints = {0}; /* printed when the command began */
    bool is_read, is_asked;

    acl.list = rota_memory_zeroed(rota_zkcommand_word(z, 2)->length + 2, sizeof *acl.list);
    acl.count = rota_zktext_acl_read(&complaints, acl.text, acl.list);
    rota_zktext_close(&complaints);
    operation.acl = acl.list;
    operation.acl_count = acl.count;
    is_read = version_read(z, &operation.version);
    rota_assert(is_read); /* it was read when the command began */
    is_asked = acl.count > 0;
    if (is_asked)
        rota_zkcommand_ask(z, &operation);
    acl_close(&acl);
    return is_asked;
}

/* Prints why one znode was refused, without a newline, as zkCli does; the walk goes on. */
static void walk_refused(struct rota_zkcli *z, int32_t rc, const char *path)
{
    rota_zktext_code(&z->line, rc, path);
    z->line.length--;
    z->failed = true;
    rota_zkcommand_answer(z);
}

/* Visits the waiting znodes, then lists the next one. */
static bool walk_on(struct rota_zkcli *z)
{
    char *path;

    while (z->next < z->visits.count) {
        const char *visited = z->visits.items[z->next++];

        if (!walk_acl(z)) {
            rota_zktext_print(&z->line, "%s\n", visited);
            rota_zkcommand_answer(z);
        } else if (set_acl(z, visited)) {
            return false;
        } else {
            walk_refused(z, ROTA_ERR_INVALID_ACL, NULL);
        }
    }
    rota_zklist_clear(&z->visits);
    z->next = 0;
    if (z->list.count == 0)
        return true;
    path = z->list.items[--z->list.count];
    rota_zkcommand_ask_path(z, ROTA_OP_CHILDREN, path,
                            rota_zkcommand_given(z, 'w') && !walk_acl(z));
    free(path);
    return false;
}

static bool walk_start(struct rota_zkcli *z)
{
    return rota_zkcommand_ask_path(z, ROTA_OP_GET, rota_zkcommand_word(z, 1)->text,
                                   rota_zkcommand_given(z, 'w'));
}

static void walk_enter(struct rota_zkcli *z, const struct rota_reply *reply)
{
    const char **names = rota_zkcommand_names(reply);

    for (uint32_t i = 0; i < reply->child_count; i++)
        rota_zklist_add_child(&z->visits, z->asked_path, names[i]);
    for (uint32_t i = reply->child_count; i-- > 0;)
        rota_zklist_add_child(&z->list, z->asked_path, names[i]);
    free(names);
}

/* A znode that was deleted meanwhile is skipped. If setAcl is refused below the first znode, the
 * walk goes on. */
static bool walk_reply(struct rota_zkcli *z, const struct rota_reply *reply, bool visit)
{
    if (visit) {
        if (reply->rc != ROTA_ERR_OK)
            walk_refused(z, reply->rc, z->asked_path);
    } else if (!z->has_begun) {
        if (reply->rc != ROTA_ERR_OK)
            return rota_zkcommand_refuse_reply(z, reply);
        z->has_begun = true;
        rota_zklist_add(&z->visits, z->asked_path, strlen(z->asked_path));
        rota_zklist_add(&z->list, z->asked_path, strlen(z->asked_path));
    } else if (reply->rc == ROTA_ERR_OK) {
        walk_enter(z, reply);
    } else if (reply->rc != ROTA_ERR_NO_NODE) {
        return rota_zkcommand_refuse_reply(z, reply);
    }
    return walk_on(z);
}

static bool ls_start(struct rota_zkcli *z)
{
    if (!path_fine(z, false))
        return true;
    return rota_zkcommand_given(z, 'R')
               ? walk_start(z)
               : rota_zkcommand_ask_path(z, ROTA_OP_CHILDREN, rota_zkcommand_word(z, 1)->text,
                                         rota_zkcommand_given(z, 'w'));
}

static bool ls_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    if (rota_zkcommand_given(z, 'R'))
        return walk_reply(z, reply, false);
    if (reply->rc != ROTA_ERR_OK)
        return rota_zkcommand_refuse_reply(z, reply);
    const char **names = rota_zkcommand_names(reply);
    rota_zktext_names(&z->line, names, reply->child_count);
    free(names);
    if (rota_zkcommand_given(z, 's'))
        rota_zktext_stat(&z->line, &reply->stat);
    return rota_zkcommand_answer(z);
}

static bool set_acl_start(struct rota_zkcli *z)
{
    struct typed_acl acl;
    int32_t version;

    acl_read(z, rota_zkcommand_word(z, 2)->text, &acl);
    acl_close(&acl);
    if (!version_read(z, &version) || !path_fine(z, false))
        return true;
    if (rota_zkcommand_given(z, 'R'))
        return walk_start(z);
    if (set_acl(z, rota_zkcommand_word(z, 1)->text))
        return false;
    rota_zktext_refusal(&z->line, ROTA_ERR_INVALID_ACL, NULL);
    return rota_zkcommand_refuse(z);
}

/* The stat needs a request of its own: a handle does not return the one in the reply to setAcl. */
static bool set_acl_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    bool silent = !rota_zkcommand_given(z, 's') && !z->config.old;

    if (rota_zkcommand_given(z, 'R'))
        return walk_reply(z, reply, z->next > 0);
    if (reply->rc == ROTA_ERR_OK && silent)
        return true;
    if (reply->rc != ROTA_ERR_OK || z->has_begun)
        return stat_reply(z, reply);
    z->has_begun = true;
    return rota_zkcommand_ask_path(z, ROTA_OP_EXISTS, rota_zkcommand_word(z, 1)->text, false);
}

/* ---- deleteall ---- */

/* Deletes the last znodes of the list in one multi, as many as a batch holds. */
static bool delete_batch(struct rota_zkcli *z)
{
    struct rota_request request = {.operation = {.op = ROTA_OP_MULTI}};
    struct rota_operation *operations;
    int64_t batch = BATCH_DEFAULT;
    uint32_t count;

    if (z->list.count == 0)
        return true;
    if (z->options.value != NULL)
        rota_zkcommand_number(z->options.value, INT32_MIN, INT32_MAX, &batch);
    count = batch > 0 && batch < z->list.count ? (uint32_t)batch : z->list.count;
    operations = rota_memory_zeroed(count, sizeof *operations);
    for (uint32_t i = 0; i < count; i++)
        operations[i] = (struct rota_operation){
            .op = ROTA_OP_DELETE, .path = z->list.items[z->list.count - 1 - i], .version = -1};
    request.tag = ++z->tag;
    request.operations = operations;
    request.operation_count = count;
    z->config.backend->ops->request(z->config.backend, &request);
    free(operations);
    for (uint32_t i = 0; i < count; i++)
        free(z->list.items[--z->list.count]);
    return false;
}

static bool delete_all_start(struct rota_zkcli *z)
{
    int64_t batch;

    if (z->options.value != NULL &&
        !rota_zkcommand_number(z->options.value, INT32_MIN, INT32_MAX, &batch))
        return rota_zkcommand_refuse_with(z, "-b argument must be an int value");
    if (!path_fine(z, false))
        return true;
    z->next = 0;
    rota_zklist_add(&z->list, rota_zkcommand_word(z, 1)->text, rota_zkcommand_word(z, 1)->length);
    return rota_zkcommand_ask_path(z, ROTA_OP_CHILDREN, z->list.items[z->next++], false);
}

static bool delete_all_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    bool listing = z->next > 0;

    if (!listing && reply->rc != ROTA_ERR_OK)
        return rota_zkcommand_refuse_with(z, "Failed to delete some node(s) in the subtree!");
    if (!listing)
        return delete_batch(z);
    if (reply->rc != ROTA_ERR_OK)
        return rota_zkcommand_refuse_reply(z, reply);
    for (uint32_t i = 0; i < reply->child_count; i++)
        rota_zklist_add_child(&z->list, z->asked_path, reply->children[i]);
    if (z->next < z->list.count)
        return rota_zkcommand_ask_path(z, ROTA_OP_CHILDREN, z->list.items[z->next++], false);
    z->next = 0;
    return delete_batch(z);
}

/* ---- the table ---- */

const struct rota_zkcommand rota_zk_tree_commands[] = {
    {"addauth", "scheme auth", "", 2, NULL, auth_start, auth_reply},
    {"create", "[-s] [-e] [-c] [-t ttl] path [data] [acl]", "esct:", 2, NULL, create_start,
     create_reply},
    {"delete", "[-v version] path", "v:", 2, "delete path [version]", delete_start, void_reply},
    {"deleteall", "path [-b batch size]", "b:", 2, NULL, delete_all_start, delete_all_reply},
    {"get", "[-s] [-w] path", "sw", 2, "get path [watch]", get_start, get_reply},
    {"getAcl", "[-s] path", "s", 2, NULL, acl_start, acl_reply},
    {"ls", "[-s] [-w] [-R] path", "?swR", 2, "ls path [watch]", ls_start, ls_reply},
    {"set", "[-s] [-v version] path data", "sv:", 3, NULL, set_start, set_reply},
    {"setAcl", "[-s] [-v version] [-R] path acl", "sv:R", 3, NULL, set_acl_start, set_acl_reply},
    {"stat", "[-w] path", "w", 2, "stat path [watch]", stat_start, stat_reply},
    {"sync", "path", "", 2, NULL, sync_start, sync_reply},
    {0},
};
