// Facts that the machine itself holds: the environment that Azure ML gives its jobs, and the file that marks
// a compute instance. Nothing is asked over the network; facts that are there already stay.
#pragma once

#include <map>
#include <string>

#include "agent/workspace/node.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

/// Variables of a job: AZUREML_ARM_SUBSCRIPTION, AZUREML_ARM_RESOURCEGROUP, AZUREML_ARM_WORKSPACE_NAME,
/// AZUREML_WORKSPACE_ID, AZUREML_SERVICE_ENDPOINT ("https://westeurope.api.azureml.ms": region and cloud), as
/// the Azure ML SDK reads them, and AZ_BATCHAI_CLUSTER_NAME beside them; MLFLOW_TRACKING_URI, which holds the
/// workspace's whole id on compute instances too. Each of the first, and MSI_ENDPOINT with MSI_SECRET, shows
/// an Azure machine. A value that cannot be right is ignored.
void discover_environment(Workspace& workspace, const std::map<std::string, std::string>& environment);

/// /mnt/azmnt/.nbvm, lines KEY=VALUE, which Azure ML's own notebooks read to find the instance ("instance")
/// and its domain
/// ("domainsuffix"). `text` is the file's content, "" where there is none.
void discover_instance(Workspace& workspace, const std::string& text);

/// The chassis asset tag of Azure's machines.
void discover_machine(Workspace& workspace, const Node& node);

/// All three. `root` is "/" outside tests.
void discover_local(Workspace& workspace, const Node& node,
                    const std::map<std::string, std::string>& environment, const std::string& root = "/");

}  // namespace amlnet
