/* The commands of the program. Each has a file of its own, named after it, and a line in main.c. */
#ifndef ROTA_CLI_COMMANDS_COMMAND_H
#define ROTA_CLI_COMMANDS_COMMAND_H

struct rota_command {
    const char *name;
    const char *summary;                /* one line for `rota help` */
    int (*main)(int argc, char **argv); /* argv[0] is the full name, such as "rota run"; returns the
                                           exit status */
};

extern const struct rota_command rota_command_run;
extern const struct rota_command rota_command_init;
extern const struct rota_command rota_command_master;
extern const struct rota_command rota_command_worker;
extern const struct rota_command rota_command_submit;
extern const struct rota_command rota_command_wait;
extern const struct rota_command rota_command_cancel;
extern const struct rota_command rota_command_retry;
extern const struct rota_command rota_command_drain;
extern const struct rota_command rota_command_undrain;
extern const struct rota_command rota_command_list;
extern const struct rota_command rota_command_history;
extern const struct rota_command rota_command_status;
extern const struct rota_command rota_command_sim;
extern const struct rota_command rota_command_shell;

#endif
