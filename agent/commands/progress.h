// One line on standard error that says how far a run is. Used by check, only where somebody looks.
#pragma once

#include <cstddef>

namespace amlnet {

/// Redraws the line. Only finished and begun probes are known: a run finds its work as it goes.
void show_progress(std::size_t done, std::size_t begun);
/// Takes the line away.
void clear_progress();

}  // namespace amlnet
