# What is installed, and the Debian package that CPack makes of it; packaging/package.sh does all of it.
option(AMLNET_PACKAGE "Make what a package holds beside the program: manual pages and completions" OFF)
set(DATA ${CMAKE_INSTALL_DATADIR}/amlnet)
install(TARGETS amlnet)
install(DIRECTORY reports/schema/ DESTINATION ${DATA})
install(FILES agent/catalog/catalog.json DESTINATION ${DATA}/catalog)
install(DIRECTORY agent/catalog/coverage DESTINATION ${DATA}/catalog FILES_MATCHING PATTERN "*.json")
install(PROGRAMS packaging/azureml/setup.sh DESTINATION ${DATA}/azureml)
install(DIRECTORY packaging/examples DESTINATION ${DATA} USE_SOURCE_PERMISSIONS)

if(AMLNET_PACKAGE)
  set(EXTRAS ${CMAKE_CURRENT_BINARY_DIR}/extras)
  add_custom_command(OUTPUT ${EXTRAS}/made
                     COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/packaging/extras.sh $<TARGET_FILE:amlnet> ${EXTRAS}
                     COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/packaging/deb/documents.sh ${PROJECT_VERSION} ${EXTRAS}
                     COMMAND ${CMAKE_COMMAND} -E touch ${EXTRAS}/made
                     DEPENDS amlnet packaging/extras.sh packaging/man.h2m packaging/deb/documents.sh
                             packaging/deb/copyright CHANGELOG.md VERBATIM)
  add_custom_target(extras ALL DEPENDS ${EXTRAS}/made)
  install(DIRECTORY ${EXTRAS}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
  # CMAKE_INSTALL_LIBDIR is a folder of the architecture
  install(FILES packaging/systemd/amlnet-watch.service packaging/systemd/amlnet-check.service
          packaging/systemd/amlnet-check.timer DESTINATION lib/systemd/system)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The amlnet authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The amlnet authors <amlnet@users.noreply.github.com>")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/packaging/deb)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${SCRIPTS}/postinst ${SCRIPTS}/prerm ${SCRIPTS}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "diagnose what an Azure Machine Learning node cannot reach")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "amlnet runs on a compute node of Azure Machine Learning, or on any host in its
network. It works out which endpoints the documentation requires for this
workspace and this kind of compute, probes all of them at once (DNS, TCP, UDP,
TLS, HTTP), and names each root cause once, with the evidence, the requirements
that it breaks and the fix.")
include(CPack)
