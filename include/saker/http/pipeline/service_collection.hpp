#pragma once

#include <cstddef>
#include <memory>
#include <typeinfo>
#include <utility>
#include <vector>

#include <saker/http/pipeline/hosted_service.hpp>

namespace saker {

/// Holds an application's services, one of each type: what handlers and features share, found by
/// type.
///
/// To offer an implementation by its interface, name that: `add<prices>(store)`.
///
/// Owner: the application; it lets go of them, the last first, after the last connection. Thread
/// rule: add before the start, from one thread; `find` and `get` on any thread afterwards, and what
/// they return is guarded by the service itself. Errors: see the members.
///
/// Example:
/// ```cpp
/// struct prices {
///   int of(std::string_view) const { return 7; }
/// };
///
/// inline void add_prices(web_application& to) {
///   const auto& shared = to.services().add(std::make_shared<prices>());
///   to.map_get("/prices/{name}", [&shared](http_context& context) {
///     return context.response().send(
///         std::to_string(shared.of(context.request().route_value("name"))));
///   });
/// }
/// ```
class service_collection {
 public:
  service_collection() = default;
  ~service_collection();
  service_collection(const service_collection&) = delete;
  service_collection& operator=(const service_collection&) = delete;

  /// Adds a service and returns it. Throws `std::logic_error` if there is one of that type,
  /// `std::invalid_argument` for null.
  template <class T>
  T& add(std::shared_ptr<T> service) {
    if (!service) refuse_null(typeid(T));
    if (find<T>()) refuse_second(typeid(T));
    T& added = *service;
    entries_.push_back(std::make_unique<entry_of<T>>(std::move(service)));
    return added;
  }

  /// Returns the service of that type, or null.
  template <class T>
  T* find() const noexcept {
    const auto* const found = static_cast<const entry_of<T>*>(find_entry(typeid(T)));
    return found ? found->service.get() : nullptr;
  }

  /// Returns the service of that type. Throws `std::logic_error` that names the type if there is
  /// none.
  template <class T>
  T& get() const {
    T* const found = find<T>();
    if (!found) refuse_missing(typeid(T));
    return *found;
  }

  /// Returns the service of that type; if there is none, adds one first.
  template <class T>
  T& get_or_add() {
    T* const found = find<T>();
    return found ? *found : add(std::make_shared<T>());
  }

  /// Adds a service that begins and ends with the application; there may be several of one type.
  /// `add` it as well if it is to be found. Throws `std::invalid_argument` for null.
  service_collection& add_hosted_service(std::shared_ptr<hosted_service> service);

  /// Starts the hosted services in the order in which they were added, as the application does. If
  /// one throws, those before it are stopped and the exception passes through.
  void start_hosted_services();
  /// Stops those that have started, the last first.
  void stop_hosted_services();

 private:
  struct entry {
    explicit entry(const std::type_info& of) noexcept : type(of) {}
    virtual ~entry() = default;
    const std::type_info& type;
  };
  template <class T>
  struct entry_of final : entry {
    explicit entry_of(std::shared_ptr<T> given) noexcept
        : entry(typeid(T)), service(std::move(given)) {}
    std::shared_ptr<T> service;
  };

  const entry* find_entry(const std::type_info& type) const noexcept;

  [[noreturn]] static void refuse_null(const std::type_info& type);
  [[noreturn]] static void refuse_second(const std::type_info& type);
  [[noreturn]] static void refuse_missing(const std::type_info& type);

  std::vector<std::unique_ptr<entry>> entries_;
  std::vector<std::shared_ptr<hosted_service>> hosted_services_;
  std::size_t started_ = 0;  // Of the hosted services.
};

}  // namespace saker
