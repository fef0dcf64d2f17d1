#pragma once

namespace saker::binding {

class value_reader;
class value_writer;

/// Reads and writes a type of your own whose form is not a list of its members.
///
/// An exception from `read` means that the value cannot be bound.
///
/// Example:
/// ```cpp
/// struct money {
///   std::int64_t cents = 0;
/// };
/// template <>
/// struct saker::binding::converter<money> {
///   static void write(value_writer& out, const money& value) { out.integer(value.cents); }
///   static money read(value_reader& in) { return {in.integer(0, 1'000'000)}; }
/// };
/// ```
template <class T>
struct converter;

/// Writes a value. Owner: the caller owns both arguments. Thread rule: any thread; it keeps no
/// state. Errors: binding_error for a value that the format cannot represent, and exceptions of a
/// type's own conversion.
template <class T>
void write_value(value_writer& out, const T& value);

/// Reads a value strictly: numbers are exact and in range, nothing is converted to another kind,
/// and only `std::optional` and pointers accept null. Thread rule: any thread. Limits: nesting,
/// `most_nesting`; memory, that of the C++ values. Errors: binding_error, and exceptions of a
/// type's own conversion.
template <class T>
T read_value(value_reader& in);

}  // namespace saker::binding
