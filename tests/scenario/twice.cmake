# Runs one scenario in two processes. Both must hold, and print the same.
foreach(run first second)
  execute_process(COMMAND ${ROTA} sim run ${SCENARIO} --trace -
                  RESULT_VARIABLE status OUTPUT_VARIABLE ${run} ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${SCENARIO} ended with status ${status}\n${errors}${${run}}")
  endif()
endforeach()
if(NOT first STREQUAL second)
  message(FATAL_ERROR "${SCENARIO}: two processes gave two traces\n${first}\n--\n${second}")
endif()
