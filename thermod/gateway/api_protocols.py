"""/v1/protocols: what a session may follow, as this site is configured."""

from __future__ import annotations

from fastapi import APIRouter

from thermod.gateway.access import Looker, TheGateway
from thermod.gateway.openapi import problems
from thermod.gateway.views import Protocols, ProtocolView

router = APIRouter(prefix="/v1/protocols", tags=["sessions"])


@router.get("", responses=problems(401))
async def list_protocols(gateway: TheGateway, person: Looker) -> Protocols:
    """Built-in ones and the site's own. Control judges whether one may be followed."""
    return Protocols(
        protocols=[
            ProtocolView.model_validate(protocol, from_attributes=True)
            for protocol in gateway.protocols
        ]
    )
