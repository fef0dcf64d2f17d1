// A server of the hubs that hub_server.cpp has, by ASP.NET Core, on the same Redis if its argument is
// the address of one.

using Interop;
using Microsoft.AspNetCore.SignalR;

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSingleton<IUserIdProvider, UserInQuery>();
var signalr = builder.Services.AddSignalR(options => options.MaximumParallelInvocationsPerClient = 2).AddMessagePackProtocol().AddComparedHubs();
if (args.Length != 0) signalr.AddStackExchangeRedis(args[0]);
var app = builder.Build();
app.MapHub<TestHub>("/hub");
app.MapComparedHubs();
await app.StartAsync();
Console.WriteLine($"Now listening on: {app.Urls.First()}/");
await app.WaitForShutdownAsync();

namespace Interop
{
    public class UserInQuery : IUserIdProvider
    {
        public string? GetUserId(HubConnectionContext connection) => connection.GetHttpContext()?.Request.Query["user"];
    }

    public class TestHub : Hub
    {
        public Task SendAll(string text) => Clients.All.SendAsync("Note", text);
        public Task SendExcept(string[] ids, string text) => Clients.AllExcept(ids).SendAsync("Note", text);
        public Task SendClient(string id, string text) => Clients.Client(id).SendAsync("Note", text);
        public Task SendGroup(string group, string text) => Clients.Group(group).SendAsync("Note", text);
        public Task SendGroups(string[] groups, string text) => Clients.Groups(groups).SendAsync("Note", text);
        public Task SendUser(string user, string text) => Clients.User(user).SendAsync("Note", text);
        public Task EnterGroup(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);
        public Task EnterOther(string id, string group) => Groups.AddToGroupAsync(id, group);
        public Task RemoveOther(string id, string group) => Groups.RemoveFromGroupAsync(id, group);
        public Task<string> Ask(string id, string method) => Clients.Client(id).InvokeAsync<string>(method, CancellationToken.None);
    }
}
