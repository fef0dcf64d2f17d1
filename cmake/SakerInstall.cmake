# `cmake --install` and `find_package(saker)`.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(SAKER_LIBRARIES saker)
if(SAKER_BUILD_SIGNALR)
  list(APPEND SAKER_LIBRARIES saker_signalr)
endif()
if(SAKER_BUILD_AUTHENTICATION)
  list(APPEND SAKER_LIBRARIES saker_authentication)
endif()
if(SAKER_BUILD_REDIS)
  list(APPEND SAKER_LIBRARIES saker_redis)
endif()
install(TARGETS ${SAKER_LIBRARIES} EXPORT saker-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/saker DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT saker-targets NAMESPACE saker:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/saker-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/saker-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/saker-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/saker-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/saker-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
