#pragma once

namespace saker::binding {

class value_reader;
class value_writer;

/// How a type of your own is read and written, where a list of its members does not say it:
///
///     template <>
///     struct saker::binding::converter<money> {
///       static void write(value_writer& out, const money& value) { out.string(value.text()); }
///       static money read(value_reader& in) { return money::parse(in.string()); }
///     };
///
/// What `read` throws makes the value one that cannot be bound.
template <class T>
struct converter;

/// Writes a value. Owner: the caller, of both. Thread rule: any thread; it keeps nothing. Errors:
/// binding_error for what the format cannot say, and what a type's own conversion throws.
template <class T>
void write_value(value_writer& out, const T& value);

/// Reads a value, strictly: numbers are exact and in range, nothing is converted to another kind,
/// null is a value of `std::optional` and pointers only. Thread rule: any thread. Limits: nesting,
/// `most_nesting`; memory, what the values of C++ take. Errors: binding_error, and what a type's
/// own conversion throws.
template <class T>
T read_value(value_reader& in);

}  // namespace saker::binding
