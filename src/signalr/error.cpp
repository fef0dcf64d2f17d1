#include <saker/signalr/error.hpp>

#include "signalr/hub_creation_error.hpp"

namespace saker::signalr {
namespace {

struct description {
  std::string name;
  std::string text;
  bool is_public = false;
};

description describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const hub_error& each) {
    return {"HubException", each.what(), true};
  } catch (const hub_creation_error& each) {
    return describe(each.cause);
  } catch (const named_error& each) {
    return {each.name(), each.what()};
  } catch (const std::invalid_argument& each) {
    return {"ArgumentException", each.what()};
  } catch (const std::out_of_range& each) {
    return {"ArgumentOutOfRangeException", each.what()};
  } catch (const std::logic_error& each) {
    return {"InvalidOperationException", each.what()};
  } catch (const std::exception& each) {
    return {"Exception", each.what()};
  } catch (...) {
    return {"Exception", "Something that is not a std::exception was thrown."};
  }
}

}  // namespace

std::string error_text(std::string_view message, const std::exception_ptr& error, bool detailed) {
  std::string text(message);
  const auto what = describe(error);
  if (detailed || what.is_public) text += " " + what.name + ": " + what.text;
  return text;
}

}  // namespace saker::signalr
