#pragma once

// Binds C++ types to JSON and MessagePack. Link saker::signalr.

#include <saker/binding/bind.hpp>
#include <saker/binding/encoding.hpp>
#include <saker/binding/fields.hpp>
