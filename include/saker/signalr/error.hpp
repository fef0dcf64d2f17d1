#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace saker::signalr {

/// Reports an error whose text every client may see: ASP.NET Core's HubException. Clients see other
/// errors of a hub method only with `hub_options::enable_detailed_errors`.
///
/// Example:
/// ```cpp
/// struct rooms_hub : signalr::hub {
///   void enter(const std::string& room) {
///     if (room.empty()) throw signalr::hub_error("Name a room.");
///   }
/// };
/// ```
class hub_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reports an error with the name that detailed errors show, for clients that expect .NET's names.
/// Other types are shown as: std::invalid_argument ArgumentException, std::out_of_range
/// ArgumentOutOfRangeException, std::logic_error InvalidOperationException, others Exception.
///
/// Example:
/// ```cpp
/// throw signalr::named_error("KeyNotFoundException", "There is no such room.");
/// ```
class named_error : public std::runtime_error {
 public:
  named_error(std::string name, const std::string& message)
      : std::runtime_error(message), name_(std::move(name)) {}
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

/// Returns the error text for a client: `message`, followed by the error's name and text if
/// `detailed` is set or the error is a hub_error.
std::string error_text(std::string_view message, const std::exception_ptr& error, bool detailed);

}  // namespace saker::signalr
