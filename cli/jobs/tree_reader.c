#include "cli/jobs/tree_reader.h"

#include <stdio.h>
#include <string.h>

#include "backend_zk/hosts.h"
#include "cli/jobs/role_main.h"
#include "model/reader/reader.h"

enum { HOSTS_SIZE = 4096 };

enum rota_exit rota_tree_reader_run(const struct rota_options *options,
                                    const struct rota_reader_config *reader,
                                    rota_driver_loop_act_f on_act, void *context)
{
    struct rota_driver_config config = {.role = &rota_reader_role,
                                        .config = reader,
                                        .session = rota_options_session(options, false)};

    return rota_role_main_run(options, &config, "reader", on_act, context);
}

/* The handle has no chroot, since below a chroot that does not exist every operation is refused
 * (S89). */
enum rota_exit rota_tree_reader_create_tree(const struct rota_options *options, int64_t max_tasks)
{
    char hosts[HOSTS_SIZE] = "";
    struct rota_options plain = *options;
    struct rota_reader_config reader = {.command = ROTA_READER_INIT, .max_tasks = max_tasks};
    struct rota_driver_config config = {.role = &rota_reader_role, .config = &reader};

    if (!rota_options_check(options, NULL))
        return ROTA_EXIT_UNREACHABLE;
    if (options->tree == NULL &&
        !rota_zk_split(options->zk, hosts, sizeof hosts, reader.chroot, sizeof reader.chroot)) {
        rota_screen_say(
            NULL,
            "the server list is longer than %d bytes; give fewer servers with --zk or ROTA_ZK",
            HOSTS_SIZE - 1);
        return ROTA_EXIT_USAGE;
    }
    plain.zk = hosts;
    config.session = rota_options_session(&plain, false);
    return rota_role_main_run(&plain, &config, "reader", NULL, NULL);
}
