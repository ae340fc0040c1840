// Asio is compiled once, here: its headers are slow to instantiate everywhere.
#include <asio/impl/src.hpp>
