"""The web server of one process: is it alive, is it well, what does it count; and the preview page, where it is on."""

from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.errors import SetupError
from bot.house import House
from bot.observe import METRICS


class Web:
    """Listens on the host and port of UNSENT_WEB."""

    def __init__(self, house: House, host: str, port: int, routes: Iterable[web.RouteDef] = ()) -> None:
        self._house = house
        self._host = host
        self._port = port
        app = web.Application()
        app.add_routes(
            [web.get("/livez", self._livez), web.get("/healthz", self._healthz), web.get("/metrics", self._metrics)]
        )
        app.add_routes(routes)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        self.address = ""

    async def start(self) -> None:
        """Listen. Raises SetupError where the address is taken."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            raise SetupError(
                f"{self._host}:{self._port} cannot be listened on ({error.strerror}). "
                "Is another Unsent running? UNSENT_WEB chooses another address."
            ) from None
        port = self._runner.addresses[0][1]
        self.address = f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{port}"

    async def stop(self) -> None:
        """Close."""
        await self._runner.cleanup()

    async def _livez(self, _: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _healthz(self, _: web.Request) -> web.Response:
        try:
            await self._house.store.ping()
            store = not self._house.store.failing
        except Exception:  # noqa: BLE001 # whatever it is, the store does not answer
            store = False
        platforms = self._house.health.platforms
        well = store and all(platforms.values())
        return web.json_response({"well": well, "store": store, **platforms}, status=200 if well else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(METRICS), headers={"Content-Type": CONTENT_TYPE_LATEST})
