from django import forms
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_POST, require_safe

from .models import Picture


class PictureForm(forms.ModelForm):
    class Meta:
        model = Picture
        fields = ["title", "image"]


def index(request):
    """The form and, below it, the pictures."""
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("gallery:index")
    return render(request, "gallery/index.html", {"form": form, "pictures": Picture.objects.all()})


@require_safe
def picture(request, name):
    """
    Hands a picture from storage to the visitor, who can reach this site but neither the sidecar nor the storage account.
    Only what the database knows: not every blob of the container.
    """
    image = get_object_or_404(Picture, image=name).image
    try:
        file = image.storage.open(name)
    except FileNotFoundError as error:
        raise Http404("The picture is no longer there.") from error

    response = FileResponse(file, content_type=file.content_type)
    response["Content-Length"] = file.size
    response["ETag"] = file.etag
    response["Last-Modified"] = http_date(file.last_modified.timestamp())
    # 304 if the browser has it already; the file is then never read.
    return get_conditional_response(
        request, etag=file.etag, last_modified=int(file.last_modified.timestamp()), response=response
    )


@require_POST
def delete(request, pk):
    entry = get_object_or_404(Picture, pk=pk)
    entry.image.delete(save=False)
    entry.delete()
    return redirect("gallery:index")
