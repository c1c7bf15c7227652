# What `cmake --install` puts where (GNUInstallDirs): programs, libcix, its header and packages, manual
# pages, completions, the systemd unit, the contract, the SQL and the documents. DESTDIR and another
# --prefix work, and what is installed may be moved: only the systemd unit names its own place. cixd
# carries its SQL inside; the files are for those who read.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# libcix as it is installed: only what cix.h declares is seen, so it never clashes with a program.
set(cix_map ${CMAKE_BINARY_DIR}/installed/cix.map)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/installed)
add_custom_command(OUTPUT ${cix_map}
    COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/map.sh ${CMAKE_SOURCE_DIR}/client/cix.h > ${cix_map}
    DEPENDS client/cix.h cmake/map.sh VERBATIM)
add_custom_target(cix_map DEPENDS ${cix_map})
set(cix_objects $<TARGET_OBJECTS:libcix> $<TARGET_OBJECTS:wire> $<TARGET_OBJECTS:domain>
    $<TARGET_OBJECTS:base> $<TARGET_OBJECTS:proto>)
add_library(libcix_shared SHARED ${cix_objects})
set_target_properties(libcix_shared PROPERTIES OUTPUT_NAME cix EXPORT_NAME cix
    VERSION ${PROJECT_VERSION} SOVERSION 0 LINKER_LANGUAGE C
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/installed LINK_DEPENDS ${cix_map})
add_dependencies(libcix_shared cix_map)
target_link_options(libcix_shared PRIVATE -Wl,--version-script=${cix_map})
if(NOT CIX_SANITIZE) # whose symbols come with the program
    target_link_options(libcix_shared PRIVATE -Wl,-z,defs)
endif()
target_link_libraries(libcix_shared PRIVATE PkgConfig::grpc PkgConfig::openssl PkgConfig::jansson
    Threads::Threads INTERFACE PkgConfig::libprotobuf_c)
target_link_libraries(libcix_shared PRIVATE PkgConfig::libprotobuf_c)
target_include_directories(libcix_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# The archive: one object whose other names are made local.
set(cix_archive ${CMAKE_BINARY_DIR}/installed/libcix.a)
add_custom_command(OUTPUT ${cix_archive}
    COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/archive.sh ${cix_map} ${cix_archive} ${cix_objects}
    DEPENDS ${cix_map} ${CMAKE_SOURCE_DIR}/cmake/archive.sh cix_map libcix wire domain base proto
            ${cix_objects}
    COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(libcix_archive ALL DEPENDS ${cix_archive})

# Pages and completions, by the programs themselves.
set(made ${CMAKE_BINARY_DIR}/installed)
function(make_text name program)
    add_custom_command(OUTPUT ${made}/${name} COMMAND ${program} ${ARGN} > ${made}/${name}
        DEPENDS ${program} VERBATIM)
    set_property(GLOBAL APPEND PROPERTY cix_texts ${made}/${name})
endfunction()
make_text(cix.1 cix man cix.1)
make_text(cix-config.5 cix man cix-config.5)
make_text(cixd.8 cixd man cixd.8)
make_text(cixd.conf.5 cixd man cixd.conf.5)
make_text(cix.bash cix completion bash)
make_text(_cix cix completion zsh)
make_text(cixd.bash cixd completion bash)
make_text(_cixd cixd completion zsh)
get_property(texts GLOBAL PROPERTY cix_texts)
add_custom_target(texts ALL DEPENDS ${texts})

# The unit names the program by its whole path, known when it is installed.
install(CODE "file(READ ${CMAKE_SOURCE_DIR}/deploy/cixd.service unit)
    string(REPLACE /usr/bin/ \${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/ unit \"\${unit}\")
    string(REPLACE /usr/share/doc/cix/ \${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}/ unit \"\${unit}\")
    file(WRITE ${made}/cixd.service \"\${unit}\")")

file(RELATIVE_PATH CIX_PC_UP ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/cix.pc.in ${made}/cix.pc @ONLY)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/cix)
configure_package_config_file(cmake/cixConfig.cmake.in ${made}/cixConfig.cmake
    INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${made}/cixConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS cix cixd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS libcix_shared EXPORT cixTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT cixTargets NAMESPACE cix:: DESTINATION ${package})
install(FILES ${made}/cixConfig.cmake ${made}/cixConfigVersion.cmake DESTINATION ${package})
install(FILES ${made}/cix.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${cix_archive} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES client/cix.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${GENERATED}/cix DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.pb-c.h")
install(FILES ${made}/cix.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/cix-config.5 ${made}/cixd.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${made}/cixd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${made}/cix.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME cix)
install(FILES ${made}/cixd.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME cixd)
install(FILES ${made}/_cix ${made}/_cixd DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${made}/cixd.service DESTINATION lib/systemd/system)
install(DIRECTORY proto/cix proto/google proto/grpc DESTINATION ${CMAKE_INSTALL_DATADIR}/cix/proto
    FILES_MATCHING PATTERN "*.proto")
install(DIRECTORY sql/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cix/sql)
install(DIRECTORY deploy/standard DESTINATION ${CMAKE_INSTALL_DATADIR}/cix)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES client/cli/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/client/cli)
install(FILES deploy/README.md deploy/cixd.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/deploy)
install(FILES core/domain/RULES.md core/domain/RATING.md core/domain/CODES.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/core/domain)
install(DIRECTORY client/example client/samples DESTINATION ${CMAKE_INSTALL_DOCDIR}/client)
