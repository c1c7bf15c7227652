# proto/ to C by protoc-c, proto/ to one descriptor set, sql/ to C strings, long code lists to C tables.
set(GENERATED ${CMAKE_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${GENERATED})
find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_C protoc-c REQUIRED)
file(GLOB_RECURSE proto_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/proto proto/*.proto)
set(proto_sources)
set(proto_headers) # outputs too: what includes them is built again in the same run
foreach(file ${proto_files})
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    list(APPEND proto_sources ${GENERATED}/${stem}.pb-c.c)
    list(APPEND proto_headers ${GENERATED}/${stem}.pb-c.h)
endforeach()
list(TRANSFORM proto_files PREPEND ${CMAKE_SOURCE_DIR}/proto/ OUTPUT_VARIABLE proto_paths)
add_custom_command(OUTPUT ${proto_sources} ${proto_headers}
    COMMAND ${PROTOC_C} -I ${CMAKE_SOURCE_DIR}/proto --c_out=${GENERATED} ${proto_paths}
    DEPENDS ${proto_paths} VERBATIM)
add_custom_command(OUTPUT ${GENERATED}/descriptors.binpb
    COMMAND ${PROTOC} -I ${CMAKE_SOURCE_DIR}/proto --include_imports
            --descriptor_set_out=${GENERATED}/descriptors.binpb ${proto_paths}
    DEPENDS ${proto_paths} VERBATIM)
# The descriptor set is carried in the binary, for reflection and the wire check.
add_custom_command(OUTPUT ${GENERATED}/descriptors.c
    COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/embed_binary.sh descriptors ${GENERATED}/descriptors.binpb
            > ${GENERATED}/descriptors.c
    DEPENDS ${GENERATED}/descriptors.binpb cmake/embed_binary.sh VERBATIM)
add_library(proto STATIC ${proto_sources} ${GENERATED}/descriptors.c)
target_include_directories(proto SYSTEM PUBLIC ${GENERATED})
target_link_libraries(proto PUBLIC PkgConfig::libprotobuf_c)

file(GLOB sql_files CONFIGURE_DEPENDS sql/schema/*.sql sql/api/*.sql sql/*.sql)
if(sql_files)
    add_custom_command(OUTPUT ${GENERATED}/sql_embedded.c
        COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/embed_sql.sh ${CMAKE_SOURCE_DIR}/sql > ${GENERATED}/sql_embedded.c
        DEPENDS ${sql_files} cmake/embed_sql.sh VERBATIM)
    add_library(sql_embedded STATIC ${GENERATED}/sql_embedded.c)
    target_include_directories(sql_embedded PUBLIC cmake)
else()
    add_library(sql_embedded INTERFACE)
endif()

set(code_lists)
foreach(list region:dated_regions industry:dated_industries)
    string(REGEX MATCH "^[a-z]+" file ${list})
    string(REGEX MATCH "[a-z_]+$" name ${list})
    add_custom_command(OUTPUT ${GENERATED}/${name}.c
        COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/embed_codes.sh ${name} ${CMAKE_SOURCE_DIR}/core/domain/${file}.csv
                > ${GENERATED}/${name}.c
        DEPENDS core/domain/${file}.csv cmake/embed_codes.sh VERBATIM)
    list(APPEND code_lists ${GENERATED}/${name}.c)
endforeach()
