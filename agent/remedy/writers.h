// The formats of `amlnet fix`. Each is a file that can be run or deployed as it is, once its parameters are
// given: names that a report does not tell are never guessed.
#pragma once

#include <string>

#include "agent/remedy/rule.h"
#include "reports/human.h"

namespace amlnet {

/// For the network team: what to allow or add, why, and what is left to people.
std::string remedies_text(const Remedies& found, const HumanOptions& options);
/// A script for a POSIX shell with the Azure CLI; parameters are variables of the environment.
std::string remedies_az_cli(const Remedies& found);
/// A Bicep file for one resource group at a time.
std::string remedies_bicep(const Remedies& found);
/// A Terraform module for the provider azurerm 4.
std::string remedies_terraform(const Remedies& found);

}  // namespace amlnet
